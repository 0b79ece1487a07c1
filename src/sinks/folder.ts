import { DurableBatch } from '../disk/durable-batch.ts'
import type { FileForm } from '../disk/file-form.ts'
import { type LocalMirror, openMirror, type Place } from '../disk/local-mirror.ts'
import { CrosstrailError } from '../error.ts'
import type { LogObject } from '../trail/log-object.ts'
import type { Gate } from '../work/limits.ts'
import type { DoneOutcome, Outcome, SkipReason } from '../work/outcome.ts'
import { isArchived } from './archived.ts'
import { objectReceiver } from './object-receiver.ts'
import type { ObjectReader, Sink } from './sink.ts'

export interface FolderOptions extends FileForm {
  /** The folder. It is made if it is missing. */
  readonly root: string
}

export interface FolderSinkOptions extends FolderOptions {
  readonly gate: Gate
  /** True if `flush` is called, so that the files since the last flush must be remembered. */
  readonly flushed: boolean
  /** Called for each file before it counts as arrived. An `object.…` error is the object's failure. */
  readonly onFile?: ((path: string) => Promise<void>) | undefined
}

/** Files below a folder. A file under its final name is complete. Complete files are skipped as present. */
export function folderSink(options: FolderSinkOptions, signal: AbortSignal): Sink {
  const { root, onFile, gate, flushed } = options
  const mirror = openMirror(options)
  const batch = flushed ? new DurableBatch(root) : undefined
  const remember = ({ relativePath, signaturePath }: Place): void => {
    batch?.add(relativePath)
    if (signaturePath !== undefined) batch?.add(signaturePath)
  }
  return {
    take(object, account, bucket) {
      const skip = (reason: SkipReason): Outcome => ({ status: 'skipped', account, object, reason })
      const place = placeOrFailure(mirror, object)
      if (place instanceof CrosstrailError) return { status: 'failed', account, object, error: place }
      if (place.decision === 'skip') {
        // A killed run may have left it without a sync.
        remember(place)
        return onFile === undefined ? skip('present') : () => onFile(place.path).then(() => skip('present'))
      }
      if (isArchived(object)) return skip('archived')
      const stopped = gate(object)
      if (stopped !== undefined) return skip(stopped)
      return async () => {
        const done = await fetchObject(object, account, place, mirror, bucket, signal)
        await onFile?.(place.path)
        remember(place)
        return done
      }
    },
    flush: () => batch?.sync() ?? Promise.resolve(),
    close: () => Promise.resolve(mirror.close()),
  }
}

async function fetchObject(
  object: LogObject,
  account: string,
  place: Place,
  mirror: LocalMirror,
  bucket: ObjectReader,
  signal: AbortSignal,
): Promise<DoneOutcome> {
  const written = await bucket.get(object, () => objectReceiver(object, place, mirror), signal)
  return {
    status: 'done',
    account,
    object,
    bytes: object.sizeBytes,
    detail: { path: place.relativePath, writtenBytes: written.writtenBytes, checked: written.checked.join('+') },
  }
}

/** Returns where an object goes, or why it cannot be stored. */
function placeOrFailure(mirror: LocalMirror, object: LogObject): Place | CrosstrailError {
  try {
    return mirror.place(object)
  } catch (error) {
    if (error instanceof CrosstrailError && error.code.startsWith('object.')) return error
    throw error
  }
}
