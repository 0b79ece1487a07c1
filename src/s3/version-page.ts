import { CrosstrailError } from '../error.ts'
import { compareKeys } from '../trail/key-order.ts'
import type { ObjectVersion, VersionPage } from './bucket-admin.ts'
import type { ListObjectVersionsCommandOutput } from './s3-client.ts'
import { serverMark } from './server-mark.ts'

export interface VersionPageRequest {
  readonly prefix: string
  /** Of the page before. */
  readonly keyMarker?: string | undefined
  readonly versionIdMarker?: string | undefined
}

/**
 * Reads a ListObjectVersions answer that was asked for with `EncodingType: url`. The SDK tells versions and markers apart and forgets
 * their order: it comes back from keys, dates and who is latest. Within one second a marker is put before a version.
 * Throws `bucket.malformed-answer`, `bucket.listing-loops`.
 */
export function versionPage(output: ListObjectVersionsCommandOutput, request: VersionPageRequest): VersionPage {
  const decode = output.EncodingType === 'url' ? decodeUrl : (text: string) => text
  const markers = (output.DeleteMarkers ?? []).map((marker) => ({ ...readCommon(marker, decode), ...noObject }))
  const versions = (output.Versions ?? []).map((version) => ({
    ...readCommon(version, decode),
    isDeleteMarker: false,
    etag: serverMark((version.ETag ?? '').replaceAll('"', '')),
    sizeBytes: version.Size ?? malformed('a version lacks its size'),
    storageClass: serverMark(version.StorageClass ?? 'STANDARD'),
  }))
  const all: ObjectVersion[] = [...markers, ...versions].sort(inOrderOfS3)
  const next = nextOf(output, all, decode)
  const first = all[0]
  const goesBack =
    first !== undefined && request.keyMarker !== undefined && compareKeys(first.key, request.keyMarker) < 0
  const standsStill =
    next !== undefined && next.keyMarker === request.keyMarker && next.versionIdMarker === request.versionIdMarker
  if (goesBack || standsStill) throw loops(request.prefix)
  return { versions: all, next }
}

const noObject = { isDeleteMarker: true, etag: '', sizeBytes: 0, storageClass: '' }

function readCommon(
  entry: {
    Key?: string | undefined
    VersionId?: string | undefined
    IsLatest?: boolean | undefined
    LastModified?: Date | undefined
  },
  decode: (text: string) => string,
): Pick<ObjectVersion, 'key' | 'versionId' | 'isLatest' | 'lastModifiedMs'> {
  if (entry.Key === undefined || entry.LastModified === undefined) malformed('a version lacks its key or date')
  return {
    key: decode(entry.Key),
    versionId: entry.VersionId === undefined || entry.VersionId === '' ? 'null' : serverMark(entry.VersionId),
    isLatest: entry.IsLatest === true,
    lastModifiedMs: entry.LastModified.getTime(),
  }
}

function inOrderOfS3(a: ObjectVersion, b: ObjectVersion): number {
  return compareKeys(a.key, b.key) || Number(b.isLatest) - Number(a.isLatest) || b.lastModifiedMs - a.lastModifiedMs
}

function nextOf(
  { IsTruncated, NextKeyMarker, NextVersionIdMarker }: ListObjectVersionsCommandOutput,
  all: readonly ObjectVersion[],
  decode: (text: string) => string,
): VersionPage['next'] {
  if (IsTruncated === undefined) malformed('it does not say whether it is truncated')
  if (!IsTruncated) return undefined
  if (NextKeyMarker === undefined || NextKeyMarker === '') malformed('it is truncated and has no marker')
  // Ceph RGW encodes the keys of a page and not its marker.
  const isLastKey = NextKeyMarker === all.at(-1)?.key
  return {
    keyMarker: isLastKey ? NextKeyMarker : decode(NextKeyMarker),
    versionIdMarker: NextVersionIdMarker === '' ? undefined : NextVersionIdMarker,
  }
}

function decodeUrl(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch (cause) {
    return malformed('a key is not URL-encoded UTF-8', cause)
  }
}

function malformed(what: string, cause?: unknown): never {
  throw new CrosstrailError('bucket.malformed-answer', `the listing of versions cannot be read: ${what}`, {
    hint: 'a proxy in between may cut answers; if it is always so, the endpoint is no S3',
    cause,
  })
}

function loops(prefix: string): CrosstrailError {
  return new CrosstrailError(
    'bucket.listing-loops',
    `the listing of versions of ${prefix} does not move on: the server repeats itself`,
    { hint: 'the endpoint is no faithful S3: its listings cannot be trusted to be complete' },
  )
}
