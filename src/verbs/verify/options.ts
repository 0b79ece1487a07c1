import type { SharingNeed } from '../../identity/sharing/need-statements.ts'
import { defaultMaxInflatedBytes } from '../../records/inflated-limit.ts'
import { everything, type Selection } from '../../work/selection.ts'
import type { Rights } from '../rights.ts'
import type { VerifyFinding } from './finding.ts'
import type { VerifyResult } from './result.ts'

export interface VerifyOptions {
  /** Which logs to verify, by the time of their delivery. Its digests are read in any case. */
  readonly selection: Selection
  /** Mirrors to verify instead of the bucket: folders in the layout of the bucket. They need `keysFile`. */
  readonly dirs: readonly string[]
  /** A file with CloudTrail's public keys. Without it, CloudTrail is asked. */
  readonly keysFile?: string | undefined
  /** Where to write the public keys that were used. */
  readonly saveKeys?: string | undefined
  /** `s3://bucket/prefix` of places from which the logs were copied or moved. */
  readonly movedFrom: readonly string[]
  /** A log that is larger than this when unzipped fails. Default: 1 GiB. */
  readonly maxInflatedBytes: number
  /** Writes a journal to this folder. A shard always writes one. Default: as for `copy`. */
  readonly journalDir?: string | undefined
  /** Writes what was verified into a folder that others can check. */
  readonly evidence?: VerifyEvidence | undefined
  /** Called with each finding, digest and log as soon as it is known. */
  readonly onResult?: ((result: VerifyResult) => void) | undefined
  /** While it returns a promise, the run waits for it, because the receiver is slower than the run. */
  readonly whenWritable?: (() => Promise<void> | undefined) | undefined
}

export interface VerifyEvidence {
  /** A new folder, or an empty one. */
  readonly folder: string
  /** Adds the logs. One thread then reads all of them. */
  readonly withLogs?: boolean | undefined
  /** A file with an Ed25519 private key in PEM, which signs the folder. */
  readonly signKeyFile?: string | undefined
  /** An authority that gives an RFC 3161 timestamp. */
  readonly timestampUrl?: string | undefined
  /** What the record names as the command. Without it, the record says that a program used the library. */
  readonly command?: readonly string[] | undefined
}

/** The options of a run that takes logs and then verifies them. */
export interface VerifyTakenOptions extends Pick<VerifyOptions, 'keysFile' | 'movedFrom' | 'onResult'> {
  /** Verifies the logs after they were taken. */
  readonly verify: boolean
}

export const verifyTakenDefaults = { verify: false, movedFrom: [] } satisfies Partial<VerifyTakenOptions>

export const verifyDefaults = {
  selection: everything,
  dirs: [],
  movedFrom: [],
  maxInflatedBytes: defaultMaxInflatedBytes,
} satisfies Partial<VerifyOptions>

/**
 * Reading digests and logs, and if no file has CloudTrail's public keys, listing them. The role or the account's starting credentials may list
 * them.
 */
export function verifyRights({ keysFile }: { readonly keysFile?: string | undefined }): Rights {
  const needs = ['list', 'read', 'decrypt'] as const
  return { allow: ['verify'], needs: keysFile === undefined ? [...needs, 'listPublicKeys'] : needs }
}

/** The rights of a run that takes logs, and those of verifying them if it does. */
export function withVerifyRights(
  taking: Rights,
  { verify, keysFile }: Pick<VerifyTakenOptions, 'verify' | 'keysFile'>,
): Rights {
  return withVerification(taking, keysFrom({ verified: verify, keysFile }))
}

/** The options of verbs that can take only what is verified. */
export interface VerifiedOptions extends Pick<VerifyOptions, 'keysFile' | 'movedFrom' | 'maxInflatedBytes'> {
  /** Whether to take only logs that a proven digest lists with the content that they have, and proven digests. */
  readonly verified: boolean
  /** With `verified`: called with each finding as soon as it is known. */
  readonly onFinding?: ((finding: VerifyFinding) => void) | undefined
}

export const verifiedDefaults = {
  verified: false,
  movedFrom: verifyDefaults.movedFrom,
  maxInflatedBytes: verifyDefaults.maxInflatedBytes,
} satisfies Partial<VerifiedOptions>

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
