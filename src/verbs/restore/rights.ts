import type { Rights } from '../rights.ts'

export const restoreRights: Rights = { allow: ['delete'], needs: ['listVersions', 'deleteVersions'] }
