import type { Kind } from './kind.ts'
import type { KeyParts } from './log-object.ts'

/** The key of a log. The fields besides `KeyParts` come from its file name, so that `formatKey` returns the same key. */
export interface LogKey extends KeyParts {
  readonly kind: Exclude<Kind, 'digest'>
  /** 10 to 32 letters and digits; CloudTrail writes 16. */
  readonly random: string
  /** The word between account and region, if it differs from the folder's name. Never set on `events` and `insight`. */
  readonly token?: string
  /** True if there is no `_` between the stamp and the random part. */
  readonly joined?: true
  /** True if the stamp has seconds. Never set on `events` and `insight`. */
  readonly seconds?: true
}

export interface DigestKey extends KeyParts {
  readonly kind: 'digest'
  readonly trailName: string
  /** The region in which the trail was created. */
  readonly homeRegion: string
  readonly backfill: boolean
}

export type ParsedKey = LogKey | DigestKey
