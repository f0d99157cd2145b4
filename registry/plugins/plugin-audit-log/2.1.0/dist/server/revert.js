'use strict';

/** Sets a record's fields back to what they were before one entry of the log. */
async function revert(db, entry, { transaction, user }) {
  const values = Object.fromEntries(entry.changes.map(({ field, before }) => [field, before]));
  await db.update(entry.collection, entry.recordId, values, { transaction });
  await db.insert(
    'auditLogs',
    { action: 'revert', collection: entry.collection, recordId: entry.recordId, changes: entry.changes, userId: user.id },
    { transaction },
  );
}

module.exports = { revert };
//# sourceMappingURL=revert.js.map
