import { CrosstrailError } from '../error.ts'
import type { KeyParts } from '../trail/log-object.ts'

/** How the mirror arranges files: by key, all in one folder, or by log account. */
export type Layout = 'key' | 'flat' | 'account'

export interface PathRules {
  readonly layout: Layout
  /** Files are stored unzipped, without `.gz` in their names. */
  readonly decompress: boolean
  readonly platform: NodeJS.Platform
  /** The longest relative path that the file system accepts, in bytes of UTF-8. */
  readonly maxPathBytes: number
}

/** The mirror's own folder. No key may be stored in it. */
export const stateFolderName = '.crosstrail'

const maxSegmentBytes = 255

/**
 * Returns the path of an object in the mirror, relative, with `/` between segments.
 *
 * `key`     the key itself, as `aws s3 sync` from the bucket's root has it
 * `flat`    the file name
 * `account` log account, kind, region, file name
 *
 * A character that the platform cannot store is escaped as `%XX` of its UTF-8 bytes, and so is a `%` that would read as such an escape. So
 * no two keys share a path in layout `key`. Throws `object.unsafe-key` for a key that would leave the folder, enter the mirror's own folder
 * or fit no file system, and `object.not-gzip` for a name that cannot be decompressed.
 */
export function localPath(key: string, parts: Partial<KeyParts>, rules: PathRules): string {
  if (isPlain(key, rules)) return rules.decompress ? key.slice(0, -'.gz'.length) : key
  const windows = rules.platform === 'win32'
  const keySegments = key.split('/')
  for (const segment of keySegments) refuseSegment(key, segment, windows)

  const segments = arrange(key, keySegments, parts, rules).map((segment) => escapeSegment(segment, windows))
  const [first = ''] = segments
  if (first.toLowerCase() === stateFolderName || (windows && /^crosst~\d+$/i.test(first))) {
    throw unsafeKey(key, `${stateFolderName} is the mirror's own folder`)
  }
  if (segments.some((segment) => Buffer.byteLength(segment) > maxSegmentBytes)) {
    throw unsafeKey(key, `one of its segments is longer than ${maxSegmentBytes} bytes`)
  }
  const path = segments.join('/')
  if (Buffer.byteLength(path) > rules.maxPathBytes) throw unsafeKey(key, `its path is longer than the system's limit`)
  return path
}

/** True if the key is its own path: short, with only safe characters. All keys that CloudTrail writes are, and this saves the slower path. */
function isPlain(key: string, { layout, decompress, platform, maxPathBytes }: PathRules): boolean {
  return (
    layout === 'key' &&
    platform !== 'win32' &&
    key.length <= Math.min(maxSegmentBytes, maxPathBytes) &&
    (decompress ? plainGzip : plain).test(key)
  )
}

const plain = /^\w[\w.-]*(\/\w[\w.-]*)*$/
const plainGzip = /^(\w[\w.-]*\/)*\w[\w-]*\.json\.gz$/

/** False if two keys may share a path, so that a file must never replace another key's. */
export function mapsOneToOne(layout: Layout): boolean {
  return layout === 'key'
}

function refuseSegment(key: string, segment: string, windows: boolean): void {
  if (segment === '') throw unsafeKey(key, 'one of its segments is empty')
  if (segment === '.' || segment === '..') throw unsafeKey(key, `the segment ${segment} would leave its folder`)
  if (segment.includes('\0')) throw unsafeKey(key, 'it contains a NUL character')
  if (/\p{Surrogate}/u.test(segment)) throw unsafeKey(key, 'it is not valid UTF-8')
  if (!windows) return
  if (segment.includes('\\')) throw unsafeKey(key, 'it contains a backslash, which separates folders on Windows')
  if (/^[a-z]:/i.test(segment)) throw unsafeKey(key, 'it begins with a drive letter')
  if (windowsDevice.test(segment)) throw unsafeKey(key, `${segment} is a device name on Windows`)
}

/** Reserved with any extension, in any case: https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const windowsDevice = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|:|$)/i

function arrange(
  key: string,
  keySegments: readonly string[],
  parts: Partial<KeyParts>,
  { layout, decompress }: PathRules,
): string[] {
  const folders = keySegments.slice(0, -1)
  let name = keySegments.at(-1) ?? ''
  if (decompress) {
    if (!/.\.gz$/.test(name)) {
      const message = `cannot decompress ${JSON.stringify(key)}: its name does not end in .gz`
      throw new CrosstrailError('object.not-gzip', message, {
        hint: 'download it without --decompress',
        facts: { key },
      })
    }
    name = name.slice(0, -'.gz'.length)
    refuseSegment(key, name, false)
  }
  switch (layout) {
    case 'key':
      return [...folders, name]
    case 'flat':
      return [name]
    case 'account': {
      const { logAccount, kind, region } = parts
      if (logAccount === undefined || kind === undefined || region === undefined) {
        throw unsafeKey(key, 'it is not a log of the trail, so the layout account has no path for it')
      }
      return [logAccount, kind, region, name]
    }
  }
}

function escapeSegment(segment: string, windows: boolean): string {
  return segment.replace(windows ? unholdableOnWindows : unholdable, (character) =>
    Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
}

// Control characters, and a % that would read as an escape.
const unholdable = /[\u0000-\u001f\u007f-\u009f]|%(?=[0-9A-F]{2})/g
// Windows also reserves these, and drops dots and spaces at the end of a name.
const unholdableOnWindows = /[\u0000-\u001f\u007f-\u009f<>:"|?*]|%(?=[0-9A-F]{2})|[. ]$/g

function unsafeKey(key: string, reason: string): CrosstrailError {
  return new CrosstrailError('object.unsafe-key', `cannot store the key ${JSON.stringify(key)}: ${reason}`, {
    hint: 'nothing was written for it; if you need it, download it with another tool',
    facts: { key },
  })
}
