import type { Rights } from '../rights.ts'

/** Reading digests and logs, and CloudTrail's public keys, which the role or the account's starting credentials may list. */
export const verifyRights: Rights = { allow: ['verify'], needs: ['list', 'read', 'decrypt', 'listPublicKeys'] }
