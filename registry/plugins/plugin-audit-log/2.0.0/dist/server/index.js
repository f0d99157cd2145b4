'use strict';

const { difference } = require('./difference');

/** Records every change of a record, in the transaction that makes the change. */
class AuditLogPlugin {
  constructor(app, options = {}) {
    this.app = app;
    this.retentionDays = options.retentionDays ?? 365;
    this.ignored = new Set(options.ignoredFields ?? ['updatedAt', 'password']);
  }

  async load() {
    this.app.db.collection({
      name: 'auditLogs',
      fields: [
        { name: 'action', type: 'string', index: true },
        { name: 'collection', type: 'string', index: true },
        { name: 'recordId', type: 'string', index: true },
        { name: 'changes', type: 'json' },
        { name: 'userId', type: 'bigInt', index: true },
      ],
    });
    for (const action of ['create', 'update', 'destroy']) {
      this.app.db.on(`after.${action}`, (model, context) => this.record(action, model, context));
    }
    this.app.cron('17 3 * * *', () => this.prune());
  }

  async record(action, model, { transaction, user }) {
    const changes = difference(model.previous, model.current, this.ignored);
    if (action === 'update' && changes.length === 0) return;
    await this.app.db.insert(
      'auditLogs',
      { action, collection: model.collection, recordId: String(model.id), changes, userId: user?.id },
      { transaction },
    );
  }

  async prune() {
    const limit = new Date(Date.now() - this.retentionDays * 86_400_000);
    await this.app.db.delete('auditLogs', { createdAt: { $lt: limit } });
  }
}

module.exports = AuditLogPlugin;
//# sourceMappingURL=index.js.map
