import type { Rights } from '../rights.ts'

/** To remove delete markers. */
export const restoreRights: Rights = { allow: ['delete'], needs: ['listVersions', 'deleteVersions'] }
