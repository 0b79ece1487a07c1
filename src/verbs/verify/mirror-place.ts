import { type Dirent, readdirSync, statSync } from 'node:fs'
import { isSignatureName, parseSignature, signaturePath } from '../../disk/signature-file.ts'
import { readRegularFile } from '../../disk/regular-file.ts'
import { CrosstrailError, hasCode } from '../../error.ts'
import { interrupted } from '../../s3/interrupted.ts'
import { goneError } from '../../s3/service-error.ts'
import { dayMs, utcInstant } from '../../trail/calendar.ts'
import { logExtension, parseFileName } from '../../trail/file-name.ts'
import type { Kind } from '../../trail/kind.ts'
import type { ListedObject, LogObject } from '../../trail/log-object.ts'
import { type Window, windowHolds } from '../../trail/window.ts'
import { joined } from '../../work/folder-roots.ts'
import type { RunListener } from '../../work/run-event.ts'
import { unreadableFile } from '../../work/unreadable-file.ts'
import { sortedByDay } from './by-day.ts'
import type { FoundDigest } from './check-digest.ts'
import type { VerifyFinding } from './finding.ts'
import { instantOf } from './bucket-place.ts'
import type { MirrorFolder } from './mirror-folders.ts'
import { type ListedDigest, mostDigestBytes, type StreamSlice, type VerifyPlace } from './place.ts'

/** A stream in a mirror: all its folders, which may be in several mirrors. */
export interface MirrorStream extends StreamSlice {
  readonly folders: readonly MirrorFolder[]
}

export interface MirrorPlaceOptions {
  readonly listener: RunListener
  readonly onFinding: (finding: VerifyFinding) => void
  /** Aborted: list and read no more. */
  readonly signal: AbortSignal
}

/**
 * Folders in the layout of the bucket. The signature of a digest is in the file beside it, if a crosstrail wrote the mirror. Files may be
 * unzipped.
 */
export function mirrorPlace(options: MirrorPlaceOptions): VerifyPlace<MirrorStream> {
  return {
    keepsSignatures: false,
    mayBePlain: true,
    async *digests(stream, window) {
      for await (const page of sortedByDay(listed(stream, 'digest', window, options))) {
        yield page.flatMap(({ parts, ...entry }) => (parts === undefined ? [] : [{ ...entry, parts }]))
      }
    },
    logs: (stream, kind, window) => sortedByDay(listed(stream, kind, window, options)),
    read: (_stream, digest) => Promise.resolve().then(() => readDigestFile(digest)),
  }
}

const mostSignatureBytes = 64 * 1024

function readDigestFile({ key, parts }: ListedDigest): FoundDigest {
  const body = read(key, mostDigestBytes)
  if (body === undefined) throw goneError(key, undefined)
  const text = read(signaturePath(key), mostSignatureBytes)
  if (text === undefined) {
    return { bucket: undefined, key, parts, body, signature: undefined, signatureAlgorithm: undefined }
  }
  // A file that cannot be parsed was changed, so it counts as a wrong signature and not as a missing one.
  const kept = parseSignature(text.toString('utf8')) ?? unreadableSignature
  const generated = kept.backfillGenerationTimestamp
  return {
    bucket: undefined,
    key,
    parts,
    body,
    signature: kept.signature,
    signatureAlgorithm: kept.signatureAlgorithm,
    backfillGeneratedMs: generated === undefined ? undefined : instantOf(generated),
    signatureFile: text,
  }
}

const unreadableSignature = {
  signature: 'unreadable',
  signatureAlgorithm: undefined,
  backfillGenerationTimestamp: undefined,
}

function read(path: string, mostBytes: number): Buffer | undefined {
  try {
    return readRegularFile(path, mostBytes, { followLink: true })
  } catch (error) {
    if (hasCode(error, 'disk.too-large')) {
      throw new CrosstrailError('object.too-long', `${path} has more than ${mostBytes} bytes`, { cause: error })
    }
    throw unreadableFile(path, error)
  }
}

/** Only a digest needs the parts of its name, and many logs may be in memory at a time. */
type Entry = LogObject & Partial<Pick<ListedDigest, 'parts'>>

/** Lists one kind of a stream, day by day. */
async function* listed(
  stream: MirrorStream,
  kind: Kind,
  window: Window,
  options: MirrorPlaceOptions,
): AsyncGenerator<readonly Entry[]> {
  const folders = stream.folders.filter((folder) => folder.kind === kind)
  const days = new Set(folders.flatMap(({ path }) => daysOf(path, window)))
  for (const day of [...days].toSorted()) {
    if (options.signal.aborted) throw interrupted(options.signal)
    yield filesOfDay(folders, day, window, stream, options)
  }
}

/** `2026/11/01` of each day that has a folder and is in the window. */
function daysOf(path: string, { fromMs = -Infinity, toMs = Infinity }: Window): string[] {
  const years = names(path, /^\d{4}$/)
  return years.flatMap((year) =>
    names(joined(path, year), /^\d{2}$/).flatMap((month) =>
      names(joined(path, `${year}/${month}`), /^\d{2}$/)
        .map((day) => `${year}/${month}/${day}`)
        .filter((day) => {
          const startMs = utcInstant(Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8, 10)))
          return startMs !== undefined && startMs < toMs && startMs + dayMs > fromMs
        }),
    ),
  )
}

function names(path: string, pattern: RegExp): string[] {
  return entriesOf(path)
    .filter((entry) => entry.isDirectory() && pattern.test(entry.name))
    .map(({ name }) => name)
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw unreadableFile(path, error)
  }
}

function filesOfDay(
  folders: readonly MirrorFolder[],
  day: string,
  window: Window,
  stream: MirrorStream,
  { listener, onFinding }: MirrorPlaceOptions,
): Entry[] {
  const { account } = stream
  const found = new Map<string, Entry>()
  const skip = (object: ListedObject) =>
    listener({ type: 'outcome', outcome: { status: 'skipped', account, object, reason: 'foreign' } })
  for (const { path: folder, logAccount, region, kind } of folders) {
    const path = joined(folder, day)
    for (const entry of entriesOf(path)) {
      const { name } = entry
      if (isSignatureName(name)) continue
      const key = joined(path, name)
      const zipped = name.endsWith(logExtension) ? name : `${name}.gz`
      const parts = parseFileName(`${day}/${zipped}`, 0, logAccount, region, kind)
      if (parts === undefined || !(entry.isFile() || entry.isSymbolicLink())) {
        skip(unlisted(key))
        continue
      }
      if (!windowHolds(window, parts.deliveredAtMs)) continue
      const other = found.get(zipped)
      if (other !== undefined) {
        onFinding(keptTwice(other.key, key))
        continue
      }
      const { deliveredAtMs } = parts
      // Written out, because V8 gives less memory to it than to a copy of another object with more fields.
      const file = {
        key,
        sizeBytes: sizeOf(key),
        etag: '',
        lastModifiedMs: 0,
        storageClass: 'STANDARD',
        logAccount,
        region,
        kind,
        deliveredAtMs,
      }
      found.set(zipped, parts.kind === 'digest' ? { ...file, parts } : file)
    }
  }
  return [...found.values()]
}

/** 0 if it cannot be read: reading it then says why. */
function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}

function unlisted(key: string): ListedObject {
  return { key, sizeBytes: 0, etag: '', lastModifiedMs: 0, storageClass: 'STANDARD' }
}

function keptTwice(checked: string, other: string): VerifyFinding {
  const message = `${other} was not checked, because ${checked} is the same log or digest: remove one of them, and verify again`
  return { code: 'verify.kept-twice', key: other, chain: undefined, startMs: undefined, endMs: undefined, message }
}
