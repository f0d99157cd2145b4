'use strict';

const { promptFor } = require('./prompt');

/** Sends a question and the records that its author may see to the model that was configured. */
class AssistantPlugin {
  constructor(app, { endpoint, apiKey, model } = {}) {
    this.app = app;
    this.endpoint = endpoint;
    this.apiKey = apiKey;
    this.model = model;
  }

  async load() {
    this.app.resource('assistant', { ask: (input, context) => this.ask(input, context) });
  }

  async ask({ question, collection, recordId }, { user }) {
    if (!this.endpoint) throw new Error('no model is configured');
    const record = await this.app.db.findOneAs(user, collection, recordId);
    if (!record) throw new Error('refused');
    const response = await fetch(`${this.endpoint}/chat/completions`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${this.apiKey}` },
      body: JSON.stringify({ model: this.model, messages: promptFor(question, record) }),
      signal: AbortSignal.timeout(60_000),
    });
    const { choices } = await response.json();
    return { answer: choices[0].message.content, sources: [{ collection, recordId }] };
  }
}

module.exports = AssistantPlugin;
//# sourceMappingURL=index.js.map
