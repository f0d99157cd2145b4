'use strict';

const { toCSV, toHTML } = require('./render');

class ReportsPlugin {
  constructor(app) {
    this.app = app;
  }

  async load() {
    for (const report of await this.app.db.find('reports', { enabled: true })) {
      this.app.cron(report.schedule, () => this.send(report));
    }
  }

  async send(report) {
    const rows = await this.app.db.find(report.collection, report.filter);
    await this.app.mail.send({
      to: report.recipients,
      subject: report.title,
      html: toHTML(report.columns, rows),
      attachments: [{ filename: `${report.name}.csv`, content: toCSV(report.columns, rows) }],
    });
  }
}

module.exports = ReportsPlugin;
//# sourceMappingURL=index.js.map
