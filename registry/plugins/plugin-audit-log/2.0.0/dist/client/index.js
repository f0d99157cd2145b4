import './style.css';

const label = (t, entry) => `${t('action.' + entry.action)} · ${entry.collection} #${entry.recordId}`;

export function AuditLogTable({ entries, t, React }) {
  if (entries.length === 0) return React.createElement('p', { className: 'audit-empty' }, t('empty'));
  return React.createElement(
    'table',
    { className: 'audit-table' },
    entries.map((entry) =>
      React.createElement(
        'tr',
        { key: entry.id },
        React.createElement('td', null, new Date(entry.createdAt).toLocaleString()),
        React.createElement('td', null, entry.user?.nickname ?? '—'),
        React.createElement('td', null, label(t, entry)),
      ),
    ),
  );
}

export default function register(app) {
  app.settings.add('audit-log', { title: 'title', icon: 'history', component: AuditLogTable });
}
//# sourceMappingURL=index.js.map
