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

/** Adds the rights to verify to those of a verb, if it takes only what is verified. */
export function withVerification(
  rights: Rights,
  { verified, keysFile }: Pick<VerifiedOptions, 'verified' | 'keysFile'>,
): Rights {
  if (!verified) return rights
  const { allow, needs } = verifyRights({ keysFile })
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
