import { hash } from 'node:crypto'
import { CrosstrailError } from '../error.ts'
import { type ChecksumAlgorithm, createChecksum } from './checksum.ts'
import { type AnswerHeaders, announcedLength, type ExpectedSum, expectedSums, type Listed } from './expected-sums.ts'
import type { Checksum } from './running-checksum.ts'

export type ContentFact = 'length' | ChecksumAlgorithm

/**
 * Checks a received body against what the listing and its answer say of it: the length, the MD5 (`expectedMd5` says when it is known), and
 * every checksum header (S3 sends those for `x-amz-checksum-mode: ENABLED`). Without `content-length` the listed size counts.
 * Throws `object.too-long` (at once), `object.truncated` and `object.corrupt`; each is worth a retry.
 */
export class ContentCheck {
  readonly #lengthBytes: number | undefined
  readonly #sums: readonly { expected: ExpectedSum; sum: Checksum }[]
  #receivedBytes = 0

  constructor(headers: AnswerHeaders, listed: Listed = {}) {
    this.#lengthBytes = announcedLength(headers) ?? listed.sizeBytes
    this.#sums = expectedSums(headers, listed.etag).map((expected) => ({
      expected,
      sum: createChecksum(expected.algorithm),
    }))
  }

  update(bytes: Uint8Array): void {
    this.#receivedBytes += bytes.length
    refuseLonger(this.#receivedBytes, this.#lengthBytes)
    for (const { sum } of this.#sums) sum.update(bytes)
  }

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
  listed: Listed = {},
): ContentFact[] | Promise<ContentFact[]> {
  const lengthBytes = announcedLength(headers) ?? listed.sizeBytes
  refuseLonger(bytes.length, lengthBytes)
  const checked = refuseShorter(bytes.length, lengthBytes)
  const expected = expectedSums(headers, listed.etag)
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
  sums: readonly ExpectedSum[],
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

function refuseOther({ algorithm, value, from }: ExpectedSum, got: string): void {
  if (got === value) return
  const says =
    from === 'listing' ? `the body has another ${algorithm} than the listing gave` : `the body's ${algorithm} is wrong`
  throw wrongContent('object.corrupt', says, algorithm, value, got, from)
}

function wrongContent(
  code: 'object.too-long' | 'object.truncated' | 'object.corrupt',
  says: string,
  algorithm: ContentFact,
  expected: string | number,
  got: string | number,
  from: ExpectedSum['from'] = 'answer',
): CrosstrailError {
  const changing = 'run again; if it stays so, something between here and S3 changes what passes'
  return new CrosstrailError(code, `${says}: expected ${expected}, got ${got}`, {
    hint: from === 'listing' ? `${changing}, or removes the header that names a KMS key` : changing,
    facts: { algorithm, expected, got },
  })
}
