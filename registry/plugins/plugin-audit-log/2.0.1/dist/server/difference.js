'use strict';

/** The fields that differ between two versions of a record: [{ field, before, after }]. */
function difference(before, after, ignored = new Set()) {
  // A record that was just created has no version before, and one that was deleted none after.
  const left = before ?? {};
  const right = after ?? {};
  const fields = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...fields]
    .filter((field) => !ignored.has(field))
    .filter((field) => JSON.stringify(left[field]) !== JSON.stringify(right[field]))
    .sort()
    .map((field) => ({ field, before: left[field] ?? null, after: right[field] ?? null }));
}

module.exports = { difference };
//# sourceMappingURL=difference.js.map
