export const schedules = { daily: '0 6 * * *', weekly: '0 6 * * 1', monthly: '0 6 1 * *' };

export function describe(report, t) {
  const name = Object.keys(schedules).find((key) => schedules[key] === report.schedule);
  return `${t(name ?? 'schedule')} · ${report.recipients.length}`;
}

export default function register(app) {
  app.settings.add('reports', { title: 'title', icon: 'mail', describe });
}
//# sourceMappingURL=index.js.map
