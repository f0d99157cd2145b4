'use strict';

/** The fields that differ between two versions of a record: [{ field, before, after }]. */
function difference(before = {}, after = {}, ignored = new Set()) {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...fields]
    .filter((field) => !ignored.has(field))
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .sort()
    .map((field) => ({ field, before: before[field] ?? null, after: after[field] ?? null }));
}

module.exports = { difference };
//# sourceMappingURL=difference.js.map
