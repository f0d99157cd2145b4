'use strict';

const { checkAssertion } = require('./assertion');

class SAMLPlugin {
  constructor(app, options) {
    this.app = app;
    this.options = options;
  }

  async load() {
    this.app.auth.register('saml', {
      signIn: async ({ response }) => {
        const assertion = await this.app.xml.verifySigned(response, this.options.certificates);
        checkAssertion(assertion, { audience: this.options.entityId, now: new Date() });
        return this.app.users.findOrCreate({
          email: assertion.attributes[this.options.map.email],
          nickname: assertion.attributes[this.options.map.name],
        });
      },
    });
  }
}

module.exports = SAMLPlugin;
//# sourceMappingURL=index.js.map
