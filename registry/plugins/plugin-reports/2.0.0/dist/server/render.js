'use strict';

const escape = (value) => String(value ?? '').replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
const quote = (value) => `"${String(value ?? '').replaceAll('"', '""')}"`;

const toHTML = (columns, rows) =>
  `<table><tr>${columns.map((c) => `<th>${escape(c.title)}</th>`).join('')}</tr>` +
  rows.map((row) => `<tr>${columns.map((c) => `<td>${escape(row[c.field])}</td>`).join('')}</tr>`).join('') +
  '</table>';

const toCSV = (columns, rows) =>
  [columns.map((c) => quote(c.title)), ...rows.map((row) => columns.map((c) => quote(row[c.field])))]
    .map((cells) => cells.join(','))
    .join('\r\n');

module.exports = { toCSV, toHTML };
//# sourceMappingURL=render.js.map
