import { compareKeys } from '../trail/key-order.ts'
import type { Bucket } from './stored-bucket.ts'
import { keyPage } from './key-page.ts'
import { xmlReply, type Reply } from './reply.ts'
import { s3Namespace } from './s3-buckets.ts'
import type { S3Call } from './s3-call.ts'
import { commonPrefixElement, demandListing, encodeKey, header, maxKeysOf } from './s3-listing.ts'
import type { StoredObject } from './stored-object.ts'
import { element, xmlDocument } from './write-xml.ts'

/** `ListObjectVersions`: in order of keys, with the newest version of each first. */
export function listObjectVersions(call: S3Call): Reply {
  const { request, bucket } = call
  const { query } = request
  demandListing(call, 's3:ListBucketVersions')
  const keyMarker = query.get('key-marker') ?? ''
  const versionMarker = query.get('version-id-marker')
  const maxKeys = maxKeysOf(request)

  const page = keyPage(
    bucket.keysWithVersions(),
    { prefix: query.get('prefix') ?? '', delimiter: query.get('delimiter') ?? '', after: keyMarker, maxKeys },
    () => true,
  )
  const unfinished = versionMarker === undefined ? [] : behindVersion(bucket.versions(keyMarker), versionMarker)
  const entries: Entry[] = [
    ...unfinished.map((version) => ({ key: keyMarker, version })),
    ...[...page.keys, ...page.commonPrefixes]
      .sort(compareKeys)
      .flatMap((key) => (page.commonPrefixes.includes(key) ? [{ key }] : entriesOf(bucket, key))),
  ]
  const shown = entries.slice(0, maxKeys)
  const isTruncated = page.isTruncated || shown.length < entries.length
  const last = shown.at(-1)
  const root = [
    header(request, bucket, { isTruncated }),
    element('KeyMarker', encodeKey(request, keyMarker)),
    element('VersionIdMarker', versionMarker ?? ''),
    isTruncated ? element('NextKeyMarker', encodeKey(request, last?.key ?? '')) : '',
    isTruncated ? element('NextVersionIdMarker', last?.version?.versionId) : '',
    ...shown.map((entry) => entryElement(call, entry)),
  ]
  return xmlReply(xmlDocument(`<ListVersionsResult ${s3Namespace}>${root.join('')}</ListVersionsResult>`))
}

/** A version of a key or, without one, a common prefix. */
interface Entry {
  readonly key: string
  readonly version?: StoredObject
}

function behindVersion(versions: readonly StoredObject[], marker: string): readonly StoredObject[] {
  return versions.slice(versions.findIndex(({ versionId }) => versionId === marker) + 1)
}

function entriesOf(bucket: Bucket, key: string): Entry[] {
  return bucket.versions(key).map((version) => ({ key, version }))
}

function entryElement({ request, bucket }: S3Call, { key, version }: Entry): string {
  if (version === undefined) return commonPrefixElement(request, key)
  const name = version.isDeleteMarker ? 'DeleteMarker' : 'Version'
  const inside = [
    element('Key', encodeKey(request, key)),
    element('VersionId', version.versionId),
    element('IsLatest', version === bucket.latest(key)),
    element('LastModified', new Date(version.lastModifiedMs).toISOString()),
  ]
  if (!version.isDeleteMarker) {
    inside.push(element('ETag', `"${version.etag}"`), element('Size', version.body.length))
    inside.push(element('StorageClass', version.storageClass))
  }
  return `<${name}>${inside.join('')}</${name}>`
}
