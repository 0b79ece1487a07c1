import type { ListedObject } from '../trail/log-object.ts'
import { malformedListing } from './listing-error.ts'
import { serverMark } from './server-mark.ts'
import { decodeForm } from './uri.ts'
import { UsualEntries } from './usual-entries.ts'
import { elementText } from './xml.ts'

/** Reads the `<Contents>` elements in a piece of a page into `objects`. Returns the text between them. Throws `bucket.malformed-answer`. */
export function takeEntries(xml: string, from: number, isUrlEncoded: () => boolean, objects: ListedObject[]): string {
  let rest = ''
  let end = from
  const usualEntries = new UsualEntries(xml)
  for (;;) {
    const object = usualEntries.read(end)
    if (object !== undefined) {
      objects.push(object)
      end = usualEntries.end
      continue
    }
    const at = xml.indexOf('<Contents>', end)
    if (at === -1) return rest + xml.slice(end)
    if (at > end) {
      rest += xml.slice(end, at)
      end = at
      continue
    }
    const close = xml.indexOf('</Contents>', at)
    if (close === -1) throw malformedListing('a <Contents> element is not closed')
    objects.push(parseObject(xml.slice(at, close), isUrlEncoded()))
    end = close + '</Contents>'.length
  }
}

/** A closing tag in another spelling would merge two entries into one and lose the second key. */
function demandOneEntry(entry: string): void {
  const key = entry.indexOf('<Key>')
  if (entry.includes('<Contents', 1) || entry.includes('<Key', key + 1) || entry.includes('<!')) {
    throw malformedListing('an entry contains more than one object')
  }
}

function parseObject(entry: string, urlEncoded: boolean): ListedObject {
  demandOneEntry(entry)
  const key = elementText(entry, 'Key')
  const size = elementText(entry, 'Size')
  const lastModified = elementText(entry, 'LastModified')
  if (key === undefined || size === undefined || lastModified === undefined)
    throw malformedListing('an object lacks its key, size or date')
  const sizeBytes = Number(size)
  const lastModifiedMs = Date.parse(lastModified)
  if (size === '' || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw malformedListing(`a size is '${size}'`)
  if (Number.isNaN(lastModifiedMs)) throw malformedListing(`a date is '${lastModified}'`)
  const object: ListedObject = {
    key: urlEncoded ? decodeKey(key) : key,
    sizeBytes,
    etag: serverMark(unquote(elementText(entry, 'ETag') ?? '')),
    lastModifiedMs,
    storageClass: serverMark(elementText(entry, 'StorageClass') ?? 'STANDARD'),
  }
  return object.storageClass === 'STANDARD' ? object : withRestoreStatus(object, entry)
}

function withRestoreStatus(object: ListedObject, entry: string): ListedObject {
  const start = entry.indexOf('<RestoreStatus>')
  if (start === -1) return object
  const inProgress = elementText(entry, 'IsRestoreInProgress', start)
  const expiry = elementText(entry, 'RestoreExpiryDate', start)
  return { ...object, restored: inProgress === 'false' && expiry !== undefined }
}

function unquote(etag: string): string {
  return etag.startsWith('"') && etag.endsWith('"') && etag.length > 1 ? etag.slice(1, -1) : etag
}

/** Decodes a URL-encoded key or prefix. Throws `bucket.malformed-answer`. */
export function decodeKey(text: string): string {
  return decodeForm(text) ?? throwMalformedKey(text)
}

function throwMalformedKey(text: string): never {
  throw malformedListing(`the key '${text}' is not URL-encoded UTF-8`)
}
