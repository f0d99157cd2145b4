'use strict';

const SKEW = 120_000;
const seen = new Map();

/** Throws unless the assertion is meant for us, holds now, and was not used before. */
function checkAssertion({ id, audience, notBefore, notOnOrAfter }, expected) {
  const now = expected.now.getTime();
  if (audience !== expected.audience) throw new Error('error.audience');
  if (now < Date.parse(notBefore) - SKEW) throw new Error('error.expired');
  if (now >= Date.parse(notOnOrAfter) + SKEW) throw new Error('error.expired');
  for (const [key, until] of seen) if (until < now) seen.delete(key);
  if (seen.has(id)) throw new Error('error.expired');
  seen.set(id, Date.parse(notOnOrAfter) + SKEW);
}

module.exports = { checkAssertion };
//# sourceMappingURL=assertion.js.map
