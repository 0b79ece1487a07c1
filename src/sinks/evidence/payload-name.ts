import { hash } from 'node:crypto'
import { signatureSuffix } from '../../disk/signature-file.ts'

const mostSegments = 40
const mostSegmentBytes = 200
/** Without %, \, CR and LF, which `sha256sum -c` reads in another way than BagIt, and without what Windows cannot store. */
const portable = /^[\w(+=@,][\w.()+=@, -]*$/
const windowsDevice = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i

/**
 * Returns the path of an object in the bag if every system can store it and public tools can check it: `data/trail/`, the bucket and the
 * key. Returns undefined for all other keys, such as those with `..`, control characters or very long names.
 */
export function plainPath(bucket: string | undefined, key: string): string | undefined {
  const segments = [bucket ?? 'mirror', ...key.split('/')]
  if (segments.length > mostSegments || !segments.every(isPortable)) return undefined
  // It could be the place of a digest's signature.
  if (key.toLowerCase().endsWith(signatureSuffix)) return undefined
  return `data/trail/${segments.join('/')}`
}

function isPortable(segment: string): boolean {
  return (
    segment.length <= mostSegmentBytes &&
    portable.test(segment) &&
    !/[. ]$/.test(segment) &&
    !windowsDevice.test(segment)
  )
}

/** Returns the path of an object whose key cannot be its path. `data/renamed.ndjson` says which key it has. */
export function renamedPath(bucket: string | undefined, key: string, body: Uint8Array): string {
  return `data/renamed/${hash('sha256', JSON.stringify([bucket ?? null, key, hash('sha256', body, 'hex')]), 'hex')}`
}
