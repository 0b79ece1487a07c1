import type { SessionAccount } from '../../src/identity/session-account.ts'

/** Account B as in a config, with keys in the environment. */
export function accountB(changes: Partial<SessionAccount> = {}): SessionAccount {
  return {
    label: 'B',
    credentials: { type: 'env' },
    via: [],
    role: 'arn:aws:iam::111111111111:role/CloudTrailLogs-B',
    sessionName: 'crosstrail-B',
    tags: {},
    stsRegion: 'us-east-1',
    ...changes,
  }
}
