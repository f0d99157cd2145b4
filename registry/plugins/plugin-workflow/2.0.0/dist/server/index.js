'use strict';

const instructions = {
  condition: require('./instructions/condition'),
  approval: require('./instructions/approval'),
  request: require('./instructions/request'),
};

const MAXIMUM_STEPS = 1000;

/** Runs published workflows: one execution per trigger, one job per node. */
class WorkflowPlugin {
  constructor(app) {
    this.app = app;
    this.instructions = new Map(Object.entries(instructions));
  }

  async load() {
    this.app.db.on('after.create', (model, context) => this.trigger('create', model, context));
    this.app.db.on('after.update', (model, context) => this.trigger('update', model, context));
  }

  async trigger(event, model, context) {
    const workflows = await this.app.db.find('workflows', { event, collection: model.collection, enabled: true });
    for (const workflow of workflows) await this.execute(workflow, { data: model.current, user: context.user });
  }

  async execute(workflow, input) {
    let node = workflow.nodes.find((candidate) => candidate.first);
    let steps = 0;
    const results = {};
    while (node) {
      if (++steps > MAXIMUM_STEPS) throw new Error(`workflow ${workflow.id}: more than ${MAXIMUM_STEPS} steps`);
      const instruction = this.instructions.get(node.type);
      if (!instruction) throw new Error(`workflow ${workflow.id}: unknown node type "${node.type}"`);
      const outcome = await instruction.run(node.config, { ...input, results });
      results[node.key] = outcome.result;
      if (outcome.wait) return { status: 'waiting', at: node.key, results };
      node = workflow.nodes.find((candidate) => candidate.key === (outcome.branch ?? node.next));
    }
    return { status: 'done', results };
  }
}

module.exports = WorkflowPlugin;
//# sourceMappingURL=index.js.map
