/** Shows the first rows of a report before it is scheduled. */
export async function preview(api, report, rows = 20) {
  const { data } = await api.get('reports:render', { name: report.name, format: 'html', limit: rows });
  const frame = document.createElement('iframe');
  frame.sandbox = '';
  frame.srcdoc = data;
  return frame;
}
//# sourceMappingURL=preview.js.map
