'use strict';

const path = require('node:path');

/** Serves the base map's tiles from the plugin's own folder. */
class MapsPlugin {
  constructor(app) {
    this.app = app;
  }

  async load() {
    this.app.static('/plugins/maps/tiles', path.join(__dirname, '../../assets/tiles'), { maxAge: '30d', immutable: true });
  }
}

module.exports = MapsPlugin;
//# sourceMappingURL=index.js.map
