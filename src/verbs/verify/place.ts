import type { DigestKey } from '../../trail/parsed-key.ts'
import type { Kind } from '../../trail/kind.ts'
import type { ListedObject, LogObject } from '../../trail/log-object.ts'
import type { Window } from '../../trail/window.ts'
import type { SourceSlice } from '../../work/source.ts'
import type { DigestRules, FoundDigest } from './check-digest.ts'
import type { StreamName } from './chain-name.ts'

/** One stream to verify, which is one slice of the run. */
export interface StreamSlice extends SourceSlice, StreamName {
  readonly logAccount: NonNullable<SourceSlice['logAccount']>
  readonly region: string
  /** The kinds of logs to verify that it has. */
  readonly logKinds: readonly Kind[]
}

/** A digest that was listed and not read yet. */
export interface ListedDigest extends ListedObject {
  readonly parts: DigestKey
}

/** Where digests and logs are: a bucket, or the folder of a mirror. All times are times of delivery. */
export interface VerifyPlace<S extends StreamSlice = StreamSlice> extends Pick<
  DigestRules,
  'keepsSignatures' | 'mayBePlain'
> {
  /** The stream's digests in the window, in the order of the stamps in their names. A page has a day or less. */
  readonly digests: (stream: S, window: Window) => AsyncIterable<readonly ListedDigest[]>
  /** The stream's logs of one kind in the window, in the order of their delivery. */
  readonly logs: (stream: S, kind: Kind, window: Window) => AsyncIterable<readonly LogObject[]>
  /** Throws CrosstrailError if it cannot be read: `object.gone` if it is not there any more. */
  readonly read: (stream: S, digest: ListedDigest) => Promise<FoundDigest>
}

/** A larger digest is not read: it would have millions of logs. */
export const mostDigestBytes = 256 * 1024 * 1024
