import type { Kind } from './kind.ts'
import type { KeyParts } from './log-object.ts'

/** A log's key. The fields besides `KeyParts` are what its file name holds, so that `formatKey` gives the same key back. */
export interface LogKey extends KeyParts {
  readonly kind: Exclude<Kind, 'digest'>
  /** 10 to 32 letters and digits; CloudTrail writes 16. */
  readonly random: string
  /** The word between account and region, where it is not the folder's name. Never on `events` and `insight`. */
  readonly token?: string
  /** True where no `_` parts the stamp from the random part. */
  readonly joined?: true
  /** True where the stamp has seconds. Never on `events` and `insight`. */
  readonly seconds?: true
}

export interface DigestKey extends KeyParts {
  readonly kind: 'digest'
  readonly trailName: string
  /** The region the trail was made in. */
  readonly homeRegion: string
  readonly backfill: boolean
}

export type ParsedKey = LogKey | DigestKey
