import { defaultMaxInflatedBytes } from '../../records/inflated-limit.ts'
import { everything, type Selection } from '../../work/selection.ts'
import type { Rights } from '../rights.ts'
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
export function withVerifyRights(taking: Rights, options: Pick<VerifyTakenOptions, 'verify' | 'keysFile'>): Rights {
  if (!options.verify) return taking
  const { allow, needs } = verifyRights(options)
  return { ...taking, allow: [...taking.allow, ...allow], needs: [...new Set([...taking.needs, ...needs])] }
}
