'use strict';

module.exports = {
  async run({ method = 'POST', url, headers = {}, body, timeout = 5000 }, { data }) {
    const response = await fetch(url, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: method === 'GET' ? undefined : JSON.stringify(body ?? data),
      signal: AbortSignal.timeout(timeout),
    });
    return { result: { status: response.status, body: await response.text() } };
  },
};
//# sourceMappingURL=request.js.map
