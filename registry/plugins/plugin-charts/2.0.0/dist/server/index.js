'use strict';

const functions = new Set(['count', 'sum', 'avg', 'min', 'max']);

/** Answers one chart's query: a dimension, a measure, at most 5,000 points. */
class ChartsPlugin {
  constructor(app) {
    this.app = app;
  }

  async load() {
    this.app.resource('charts', {
      query: async ({ collection, dimension, measure, filter }) => {
        if (!functions.has(measure.function)) throw new RangeError(`unknown function "${measure.function}"`);
        return this.app.db.aggregate(collection, { group: dimension, ...measure, filter, limit: 5000 });
      },
    });
  }
}

module.exports = ChartsPlugin;
//# sourceMappingURL=index.js.map
