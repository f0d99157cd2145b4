'use strict';

const RULES = 'Answer from the record alone. Say so when the record does not hold the answer.';
const HIDDEN = /password|secret|token|apiKey/i;

/** The record without the fields that no model needs to see. */
const visible = (record) => Object.fromEntries(Object.entries(record).filter(([field]) => !HIDDEN.test(field)));

const promptFor = (question, record) => [
  { role: 'system', content: RULES },
  { role: 'user', content: `${JSON.stringify(visible(record))}\n\n${question}` },
];

module.exports = { promptFor };
//# sourceMappingURL=prompt.js.map
