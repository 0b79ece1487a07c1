import type { SharingNeed } from '../../identity/sharing/need-statements.ts'
import type { Rights } from '../rights.ts'
import type { VerifyFinding } from './finding.ts'
import { verifyDefaults, type VerifyOptions, verifyRights } from './options.ts'
import type { VerifyResult } from './result.ts'

/** The options of verbs that can take only what is verified. */
export interface VerifiedOptions extends Pick<VerifyOptions, 'keysFile' | 'movedFrom' | 'maxInflatedBytes'> {
  /** Whether to take only logs that a proven digest lists with the content that they have, and proven digests. */
  readonly verified: boolean
  /** With `verified`: called with each finding as soon as it is known. */
  readonly onFinding?: ((finding: VerifyFinding) => void) | undefined
}

const { movedFrom, maxInflatedBytes } = verifyDefaults

export const verifiedDefaults = { verified: false, movedFrom, maxInflatedBytes } satisfies Partial<VerifiedOptions>

/** Where the public keys come from. */
export type KeysFrom = 'file' | 'ListPublicKeys'

/** Undefined if nothing is verified. */
export function keysFrom({ verified, keysFile }: Pick<VerifiedOptions, 'verified' | 'keysFile'>): KeysFrom | undefined {
  if (!verified) return undefined
  return keysFile === undefined ? 'ListPublicKeys' : 'file'
}

/** Adds the rights to verify to those of a verb, if it verifies. */
export function withVerification(rights: Rights, from: KeysFrom | undefined): Rights {
  if (from === undefined) return rights
  const { allow, needs } = verifyRights({ keysFile: from === 'file' ? 'given' : undefined })
  return {
    ...rights,
    allow: [...rights.allow, ...allow],
    needs: [...new Set<SharingNeed>([...rights.needs, ...needs])],
  }
}

export function findingsTo(onFinding: VerifiedOptions['onFinding']): (result: VerifyResult) => void {
  return (result) => {
    if (result.type === 'finding') onFinding?.(result.finding)
  }
}
