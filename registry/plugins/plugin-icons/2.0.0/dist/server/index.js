'use strict';

/** Nothing happens on the server: icons are imported by the client, one module each. */
module.exports = class IconsPlugin {
  async load() {}
};
//# sourceMappingURL=index.js.map
