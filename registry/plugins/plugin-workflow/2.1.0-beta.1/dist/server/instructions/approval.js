'use strict';

/** Who votes for whom: a delegation holds until its last day. */
function representative(user, delegations, today) {
  const found = delegations.find((delegation) => delegation.from === user && delegation.until >= today);
  return found ? found.to : user;
}

module.exports = {
  representative,

  /** Waits until as many of the assignees, or those who stand in for them, have agreed. */
  async run({ assignees, mode = 'any', delegations = [] }, { results, today }) {
    const voters = new Set(assignees.map((user) => representative(user, delegations, today)));
    const votes = [...new Map((results.votes ?? []).map((vote) => [vote.user, vote])).values()];
    const counted = votes.filter((vote) => voters.has(vote.user));
    if (counted.some((vote) => vote.rejected)) return { result: 'rejected' };
    const needed = mode === 'all' ? voters.size : 1;
    return counted.length >= needed ? { result: 'approved' } : { result: 'pending', wait: true };
  },
};
//# sourceMappingURL=approval.js.map
