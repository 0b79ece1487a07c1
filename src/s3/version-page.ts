import { compareKeys } from '../trail/key-order.ts'
import { listingLoops, malformedListing, wrongPage } from './listing-error.ts'
import type { ListObjectVersionsCommandOutput } from './s3-client.ts'
import { serverMark } from './server-mark.ts'
import { decodeForm } from './uri.ts'

/** One version of a key, or a delete marker. */
export interface ObjectVersion {
  readonly key: string
  /** `null` for an object that was stored before versioning was enabled. */
  readonly versionId: string
  readonly isLatest: boolean
  readonly isDeleteMarker: boolean
  /** Without quotes; empty for a delete marker. */
  readonly etag: string
  readonly sizeBytes: number
  readonly lastModifiedMs: number
  readonly storageClass: string
}

export interface VersionPage {
  /** Sorted by key, and the newest version of a key first. */
  readonly versions: readonly ObjectVersion[]
  readonly next: { readonly keyMarker: string; readonly versionIdMarker: string | undefined } | undefined
}

export interface VersionPageRequest {
  readonly prefix: string
  /** The end of the previous page. */
  readonly keyMarker?: string | undefined
  readonly versionIdMarker?: string | undefined
}

/**
 * Reads a ListObjectVersions answer to a request with `EncodingType: url`. The SDK returns versions and markers separately and loses their
 * order, so it is restored from keys, dates and `isLatest`. Within one second a marker comes before a version.
 * Throws `bucket.malformed-answer`, `bucket.listing-loops`, and `bucket.wrong-page` for keys that were not requested.
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
  demandAsked(all, output, request.prefix)
  const next = nextOf(output, all, decode)
  const first = all[0]
  const goesBack =
    first !== undefined && request.keyMarker !== undefined && compareKeys(first.key, request.keyMarker) < 0
  const standsStill =
    next !== undefined && next.keyMarker === request.keyMarker && next.versionIdMarker === request.versionIdMarker
  if (goesBack || standsStill) throw listingLoops(request.prefix)
  return { versions: all, next }
}

function demandAsked(
  all: readonly ObjectVersion[],
  { CommonPrefixes: [folder] = [] }: ListObjectVersionsCommandOutput,
  prefix: string,
): void {
  const other = all.find(({ key }) => !key.startsWith(prefix))
  if (other !== undefined) throw wrongPage(prefix, `it contains '${other.key}'`)
  // A common prefix would hide keys.
  if (folder !== undefined) throw wrongPage(prefix, `it contains the common prefix '${folder.Prefix ?? ''}'`)
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
  if (NextKeyMarker === undefined || NextKeyMarker === '') malformed('it is truncated but has no marker')
  // Ceph RGW encodes the keys of a page but not its marker.
  const isLastKey = NextKeyMarker === all.at(-1)?.key
  return {
    keyMarker: isLastKey ? NextKeyMarker : decode(NextKeyMarker),
    versionIdMarker: NextVersionIdMarker === '' ? undefined : NextVersionIdMarker,
  }
}

function decodeUrl(text: string): string {
  return decodeForm(text) ?? malformed(`the key '${text}' is not URL-encoded UTF-8`)
}

function malformed(what: string): never {
  throw malformedListing(what)
}
