'use strict';

module.exports = {
  /** Waits until as many of the assignees as the mode says have agreed. */
  async run({ assignees, mode = 'any' }, { results }) {
    const votes = results.votes ?? [];
    if (votes.some((vote) => vote.rejected)) return { result: 'rejected' };
    const needed = mode === 'all' ? assignees.length : 1;
    return votes.length >= needed ? { result: 'approved' } : { result: 'pending', wait: true };
  },
};
//# sourceMappingURL=approval.js.map
