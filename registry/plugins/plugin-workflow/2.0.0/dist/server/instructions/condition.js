'use strict';

const operators = {
  equal: (left, right) => left === right,
  notEqual: (left, right) => left !== right,
  greater: (left, right) => left > right,
  contains: (left, right) => String(left).includes(right),
};

module.exports = {
  async run({ field, operator, value, whenTrue, whenFalse }, { data }) {
    const result = operators[operator](data[field], value);
    return { result, branch: result ? whenTrue : whenFalse };
  },
};
//# sourceMappingURL=condition.js.map
