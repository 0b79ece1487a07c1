import type { Rights } from '../rights.ts'

/**
 * Reading digests and logs, and if no file has CloudTrail's public keys, listing them. The role or the account's starting credentials may list
 * them.
 */
export function verifyRights({ keysFile }: { readonly keysFile: string | undefined }): Rights {
  const needs = ['list', 'read', 'decrypt'] as const
  return { allow: ['verify'], needs: keysFile === undefined ? [...needs, 'listPublicKeys'] : needs }
}
