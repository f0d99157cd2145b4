#!/usr/bin/env node
'use strict';

// Writes the audit log as CSV to standard output: acme-audit-export [--since YYYY-MM-DD]
const since = process.argv[process.argv.indexOf('--since') + 1];
const quote = (value) => `"${String(value ?? '').replaceAll('"', '""')}"`;

async function main() {
  const base = process.env.ACME_URL ?? 'http://127.0.0.1:13000';
  const url = new URL('/api/auditLogs:list', base);
  if (process.argv.includes('--since')) url.searchParams.set('filter', JSON.stringify({ createdAt: { $gte: since } }));
  const response = await fetch(url, { headers: { Authorization: `Bearer ${process.env.ACME_TOKEN}` } });
  if (!response.ok) throw new Error(`${url.host} answered ${response.status}`);
  const { data } = await response.json();
  process.stdout.write('when,who,action,collection,record\n');
  for (const row of data) {
    process.stdout.write([row.createdAt, row.userId, row.action, row.collection, row.recordId].map(quote).join(',') + '\n');
  }
}

main().catch((error) => {
  process.stderr.write(`acme-audit-export: ${error.message}\n`);
  process.exitCode = 1;
});
