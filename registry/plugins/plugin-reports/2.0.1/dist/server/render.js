'use strict';

const escape = (value) => String(value ?? '').replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
// A cell that begins like a formula would be computed by a spreadsheet: an apostrophe makes it text.
const quote = (value) => `"${String(value ?? '').replace(/^[=+\-@\t]/, "'$&").replaceAll('"', '""')}"`;

const toHTML = (columns, rows) =>
  `<table><tr>${columns.map((c) => `<th>${escape(c.title)}</th>`).join('')}</tr>` +
  rows.map((row) => `<tr>${columns.map((c) => `<td>${escape(row[c.field])}</td>`).join('')}</tr>`).join('') +
  '</table>';

// Spreadsheets take UTF-8 for what it is only behind a byte order mark.
const toCSV = (columns, rows) =>
  '\uFEFF' +
  [columns.map((c) => quote(c.title)), ...rows.map((row) => columns.map((c) => quote(row[c.field])))]
    .map((cells) => cells.join(','))
    .join('\r\n');

module.exports = { toCSV, toHTML };
//# sourceMappingURL=render.js.map
