'use strict';

const RULES = 'Answer from the record alone. Say so when the record does not hold the answer.';

const promptFor = (question, record) => [
  { role: 'system', content: RULES },
  { role: 'user', content: `${JSON.stringify(record)}\n\n${question}` },
];

module.exports = { promptFor };
//# sourceMappingURL=prompt.js.map
