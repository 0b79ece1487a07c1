import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { looksLikeMd5, md5Available } from '../../disk/md5.ts'
import { localPath } from '../../disk/local-path.ts'
import { openRegularFile } from '../../disk/regular-file.ts'
import { CrosstrailError } from '../../error.ts'
import type { ListedObject, LogObject } from '../../trail/log-object.ts'
import { compareCopy } from '../../sinks/bucket/compare-copy.ts'
import { decideTwin } from '../../sinks/bucket/copy-twin.ts'
import { digestingBody } from '../../sinks/bucket/digesting-body.ts'
import type { ReadableSide } from '../../sinks/bucket/sides.ts'
import type { KeptReason } from './plan-facts.ts'

/** Undefined if the archive has an identical copy of an object, otherwise why the object stays. */
export type ArchiveVerdict = Extract<KeptReason, 'not-archived' | 'archive-differs' | 'not-compared'> | undefined

/**
 * Compares an object with its twin in the archive's listing. For `ask`, `compareWithTwin` must decide: only equal MD5s prove that two
 * objects of equal size are identical.
 */
export function compareListed(
  object: ListedObject,
  twin: ListedObject | undefined,
): 'same' | 'ask' | 'not-archived' | 'archive-differs' {
  switch (decideTwin(object, twin, false)) {
    case 'copy':
      return 'not-archived'
    case 'differs':
      return 'archive-differs'
    case 'present':
      return looksLikeMd5(object.etag) ? 'same' : 'ask'
    case 'ask':
      return 'ask'
  }
}

/** Compares the checksums of both, or reads both. Throws CrosstrailError if one of the two cannot be read. */
export async function compareWithTwin(
  object: LogObject,
  twinKey: string,
  sides: { readonly source: ReadableSide; readonly target: ReadableSide },
  signal: AbortSignal,
): Promise<ArchiveVerdict> {
  const sameBy = await compareCopy(object, twinKey, sides, true, signal)
  return sameBy === undefined ? 'archive-differs' : undefined
}

/** Compares an object with its file in a download folder: by MD5 if the ETag is one and Node has MD5, otherwise by reading the object. */
export async function compareWithFile(
  object: ListedObject,
  folder: string,
  source: ReadableSide,
  signal: AbortSignal,
): Promise<ArchiveVerdict> {
  const rules = { layout: 'key', decompress: false, platform: process.platform, maxPathBytes: 4096 } as const
  const path = join(folder, localPath(object.key, {}, rules))
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw unreadable(path, error)
  })
  if (stats === undefined || !stats.isFile()) return 'not-archived'
  if (stats.size !== object.sizeBytes) return 'archive-differs'
  const file = await digestFile(path, looksLikeMd5(object.etag) && md5Available())
  if (file.md5 === object.etag.toLowerCase()) return undefined
  const digest = await source.get(object, () => digestingBody(object), signal)
  return digest === file.sha256 ? undefined : 'archive-differs'
}

async function digestFile(
  path: string,
  withMd5: boolean,
): Promise<{ readonly md5: string | undefined; readonly sha256: string }> {
  const md5 = withMd5 ? createHash('md5') : undefined
  const sha256 = createHash('sha256')
  try {
    const fd = openRegularFile(path, 'read')
    for await (const chunk of createReadStream(path, { fd }) as AsyncIterable<Buffer>) {
      md5?.update(chunk)
      sha256.update(chunk)
    }
  } catch (error) {
    throw unreadable(path, error)
  }
  return { md5: md5?.digest('hex'), sha256: sha256.digest('hex') }
}

function unreadable(path: string, cause: unknown): CrosstrailError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new CrosstrailError('disk.archive', `cannot read ${path}: ${why}`, { facts: { path }, cause })
}
