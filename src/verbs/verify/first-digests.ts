/** CloudTrail signs digests since then. */
export const firstDigestsMs = Date.UTC(2015, 8, 1)
