import { getFips, hash } from 'node:crypto'
import { CrosstrailError } from '../error.ts'
import { type ChecksumAlgorithm, createChecksum } from './checksum.ts'
import type { Checksum } from './running-checksum.ts'

/** The headers of a GET's answer, names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

export type ContentFact = 'length' | ChecksumAlgorithm

/**
 * Checks a received body against all that its answer announced: the length, the MD5 where the ETag is one, and any checksum header
 * (S3 sends those for `x-amz-checksum-mode: ENABLED`). Without `content-length` the listed size counts.
 * Throws `object.too-long` (at once), `object.truncated` and `object.corrupt`; each is worth a retry.
 */
export class ContentCheck {
  readonly #lengthBytes: number | undefined
  readonly #sums: readonly { expected: Expectation; sum: Checksum }[]
  #receivedBytes = 0

  constructor(headers: AnswerHeaders, listedSizeBytes?: number) {
    this.#lengthBytes = announcedLength(headers) ?? listedSizeBytes
    this.#sums = expectations(headers).map((expected) => ({ expected, sum: createChecksum(expected.algorithm) }))
  }

  update(bytes: Uint8Array): void {
    this.#receivedBytes += bytes.length
    refuseLonger(this.#receivedBytes, this.#lengthBytes)
    for (const { sum } of this.#sums) sum.update(bytes)
  }

  /** Returns what was checked. */
  async finish(): Promise<ContentFact[]> {
    const checked = refuseShorter(this.#receivedBytes, this.#lengthBytes)
    for (const { expected, sum } of this.#sums) {
      refuseOther(expected, Buffer.from(await sum.digest()).toString(expected.encoding))
      checked.push(expected.algorithm)
    }
    return checked
  }
}

/**
 * The same for a body that is held as a whole: its MD5 in one call costs half of what a running one does, and where there is nothing else to
 * check nothing is awaited.
 */
export function checkContent(
  bytes: Uint8Array,
  headers: AnswerHeaders,
  listedSizeBytes?: number,
): ContentFact[] | Promise<ContentFact[]> {
  const lengthBytes = announcedLength(headers) ?? listedSizeBytes
  refuseLonger(bytes.length, lengthBytes)
  const checked = refuseShorter(bytes.length, lengthBytes)
  const expected = expectations(headers)
  const [first] = expected
  if (first?.algorithm === 'md5') {
    refuseOther(first, hash('md5', bytes, first.encoding))
    checked.push('md5')
    expected.shift()
  }
  return expected.length === 0 ? checked : checkSums(bytes, expected, checked)
}

async function checkSums(
  bytes: Uint8Array,
  sums: readonly Expectation[],
  checked: ContentFact[],
): Promise<ContentFact[]> {
  for (const expected of sums) {
    const sum = createChecksum(expected.algorithm)
    sum.update(bytes)
    refuseOther(expected, Buffer.from(await sum.digest()).toString(expected.encoding))
    checked.push(expected.algorithm)
  }
  return checked
}

function refuseLonger(receivedBytes: number, lengthBytes: number | undefined): void {
  if (lengthBytes === undefined || receivedBytes <= lengthBytes) return
  throw wrongContent('object.too-long', 'the body is longer than announced', 'length', lengthBytes, receivedBytes)
}

function refuseShorter(receivedBytes: number, lengthBytes: number | undefined): ContentFact[] {
  if (lengthBytes === undefined) return []
  if (receivedBytes >= lengthBytes) return ['length']
  throw wrongContent('object.truncated', 'the body ended early', 'length', lengthBytes, receivedBytes)
}

function refuseOther({ algorithm, value }: Expectation, got: string): void {
  if (got === value) return
  throw wrongContent('object.corrupt', `the body's ${algorithm} is wrong`, algorithm, value, got)
}

export function looksLikeMd5(etag: string): boolean {
  return /^[0-9a-f]{32}$/i.test(etag)
}

let isFips: boolean | undefined

/** False under FIPS, which has no MD5. Asked once: the question costs a microsecond, and Node is started one way or the other. */
export function md5Available(): boolean {
  isFips ??= getFips() !== 0
  return !isFips
}

interface Expectation {
  readonly algorithm: ChecksumAlgorithm
  readonly value: string
  readonly encoding: 'hex' | 'base64'
}

const checksumHeaders = [
  ['crc32', 'x-amz-checksum-crc32'],
  ['crc32c', 'x-amz-checksum-crc32c'],
  ['crc64nvme', 'x-amz-checksum-crc64nvme'],
  ['sha1', 'x-amz-checksum-sha1'],
  ['sha256', 'x-amz-checksum-sha256'],
] as const

function expectations(headers: AnswerHeaders): Expectation[] {
  const found: Expectation[] = []
  const etag = headerOf(headers, 'etag')?.replaceAll('"', '')
  if (etag !== undefined && looksLikeMd5(etag) && etagIsMd5(headers) && md5Available()) {
    found.push({ algorithm: 'md5', value: etag.toLowerCase(), encoding: 'hex' })
  }
  if (headerOf(headers, 'x-amz-checksum-type')?.toUpperCase() === 'COMPOSITE') return found
  for (const [algorithm, name] of checksumHeaders) {
    const value = headerOf(headers, name)
    // `…-N` is a checksum of N parts' checksums, which the body alone cannot give.
    if (value !== undefined && !/-\d+$/.test(value)) found.push({ algorithm, value, encoding: 'base64' })
  }
  return found
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html: no MD5 under SSE-KMS, DSSE-KMS and SSE-C. */
function etagIsMd5(headers: AnswerHeaders): boolean {
  const encryption = headerOf(headers, 'x-amz-server-side-encryption')
  return (
    (encryption === undefined || encryption === 'AES256') &&
    headerOf(headers, 'x-amz-server-side-encryption-customer-algorithm') === undefined
  )
}

function announcedLength(headers: AnswerHeaders): number | undefined {
  const text = headerOf(headers, 'content-length')
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

function headerOf(headers: AnswerHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value.trim() : value?.[0]?.trim()
}

function wrongContent(
  code: 'object.too-long' | 'object.truncated' | 'object.corrupt',
  says: string,
  algorithm: ContentFact,
  expected: string | number,
  got: string | number,
): CrosstrailError {
  return new CrosstrailError(code, `${says}: expected ${expected}, got ${got}`, {
    hint: 'run again; if it stays so, something between here and S3 changes what passes',
    facts: { algorithm, expected, got },
  })
}
