import { hash } from 'node:crypto'
import { CrosstrailError } from '../error.ts'
import { type ChecksumAlgorithm, createChecksum } from './checksum.ts'
import { type AnswerHeaders, announcedLength, type ExpectedSum, expectedSums, type Listed } from './expected-sums.ts'
import type { Checksum } from './running-checksum.ts'

export type ContentFact = 'length' | ChecksumAlgorithm

/**
 * Checks a received body against the listing and the answer: the length, the MD5 (if `expectedMd5` knows it), and every checksum header (S3
 * sends those for `x-amz-checksum-mode: ENABLED`). Without `content-length` the listed size counts. Throws `object.too-long` (at once),
 * `object.truncated` and `object.corrupt`; each is worth a retry.
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

/** Does the same for a body held in memory. The MD5 in one call costs half of a running one, and nothing is awaited unless there is more to check. */
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
    from === 'listing' ? `the body's ${algorithm} differs from the listing's` : `the body's ${algorithm} is wrong`
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
  const changing = 'run again; if it fails again, something between this machine and S3 changes the data'
  return new CrosstrailError(code, `${says}: expected ${expected}, got ${got}`, {
    hint: from === 'listing' ? `${changing}, or removes the header that names a KMS key` : changing,
    facts: { algorithm, expected, got },
  })
}
