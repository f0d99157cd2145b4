'use strict';

const SKEW = 120_000;

/** Throws unless the assertion is meant for us and holds now, two minutes of skew allowed. */
function checkAssertion({ audience, notBefore, notOnOrAfter }, expected) {
  if (audience !== expected.audience) throw new Error('error.audience');
  if (expected.now < new Date(new Date(notBefore) - SKEW)) throw new Error('error.expired');
  if (expected.now >= new Date(+new Date(notOnOrAfter) + SKEW)) throw new Error('error.expired');
}

module.exports = { checkAssertion };
//# sourceMappingURL=assertion.js.map
