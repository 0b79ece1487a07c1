import type { FileForm } from '../disk/file-form.ts'
import { maxHeldBytes } from '../work/object-taker.ts'
import { openGate } from '../work/limits.ts'
import { bucketSink, type SinkSignals } from './bucket/bucket-sink.ts'
import { maxServerSideBytes } from './bucket/copy-mode.ts'
import type { CopyDestination } from './bucket/destination.ts'
import type { CopySides, TargetSide } from './bucket/sides.ts'
import { execSink } from './exec.ts'
import { folderSink } from './folder.ts'
import { type NdjsonOptions, ndjsonSink } from './ndjson.ts'
import { parquetSink } from './parquet/parquet-sink.ts'
import type { Sink } from './sink.ts'

/** Where pulled logs go. Plain data. */
export type SinkChoice =
  /** Files below the target, mirrored as download does. */
  | ({ readonly type: 'folder' } & StoredAs)
  /** The same, and a command for each file. `{}` in it stands for the file's path. `atATime` is the number of commands at a time. */
  | ({ readonly type: 'exec'; readonly command: string; readonly atATime: number } & StoredAs)
  /** One event per line, in files below the target that appear when they are full or old enough. */
  | ({ readonly type: 'ndjson' } & NdjsonOptions)
  /** A Parquet dataset below the target, or in a bucket. Its files appear as NDJSON files do. */
  | ({ readonly type: 'parquet'; readonly to?: CopyDestination | undefined } & NdjsonOptions)
  /** Copies in another bucket, as the copy verb makes them. */
  | { readonly type: 's3'; readonly to: CopyDestination }

type StoredAs = Pick<FileForm, 'decompress' | 'maxInflatedBytes'>

export interface SinkPlace {
  readonly root: string
  readonly lookBackMs: number
  readonly nowMs: () => number
  /** What the last flush of an earlier sink returned. */
  readonly memory: unknown
  readonly sidesOf: (account: string) => CopySides
  /** Returns the bucket of a Parquet dataset. */
  readonly openSide: () => Promise<TargetSide>
}

export function openSink(sink: SinkChoice, place: SinkPlace, signals: SinkSignals): Sink {
  const { root, memory, sidesOf, openSide } = place
  const files = { root, layout: 'key', overwrite: false, dryRun: false, gate: openGate, flushed: true } as const
  switch (sink.type) {
    case 'folder':
      return folderSink({ ...sink, ...files }, signals.actSignal)
    case 'exec':
      return execSink({ ...sink, ...files }, signals.actSignal)
    case 'ndjson':
      return ndjsonSink({ ...sink, ...place }, memory, signals.actSignal)
    case 'parquet': {
      const bucket = sink.to && { prefix: sink.to.prefix, openSide }
      return parquetSink({ ...sink, ...place, bucket }, memory, signals.actSignal)
    }
    case 's3': {
      const options = { to: sink.to, verify: false, overwrite: false, dryRun: false, maxCopyBytes: maxServerSideBytes }
      return bucketSink({ ...options, maxHeldBytes }, sidesOf, openGate, signals)
    }
  }
}
