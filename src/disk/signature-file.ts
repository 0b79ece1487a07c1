import type { AnswerHeaders } from './expected-sums.ts'

/** A digest's signature and what else S3 keeps in its metadata. A field is undefined if the object did not have it. */
export interface DigestSignature {
  /** In hexadecimal. */
  readonly signature: string | undefined
  /** `SHA256withRSA`. */
  readonly signatureAlgorithm: string | undefined
  /** When a backfilled digest was made, in RFC 3339. Its key is that of this time. */
  readonly backfillGenerationTimestamp: string | undefined
}

/** The end of the name of the file beside a digest. It does not end like a log, so that no tool takes it for one. */
export const signatureSuffix = '.signature'

/** Returns the path of the file with the signature of a digest. */
export function signaturePath(digestPath: string): string {
  return `${digestPath}${signatureSuffix}`
}

/** Whether a file has the name of a digest's signature: that of a log, and the suffix. */
export function isSignatureName(name: string): boolean {
  return /\.json(\.gz)?\.signature$/.test(name)
}

/** Returns the text of the file: one line of JSON, with null for what the object did not have. */
export function signatureText(headers: AnswerHeaders): Buffer {
  const of = (name: string) => {
    const value = headers[`x-amz-meta-${name}`]
    return (typeof value === 'string' ? value : value?.join(',')) ?? null
  }
  return Buffer.from(
    `${JSON.stringify({
      signature: of('signature'),
      signatureAlgorithm: of('signature-algorithm'),
      backfillGenerationTimestamp: of('backfill-generation-timestamp'),
    })}\n`,
  )
}

/** Reads the text of such a file. Returns undefined if it is not one. */
export function parseSignature(text: string): DigestSignature | undefined {
  let fields: unknown
  try {
    fields = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return undefined
  const { signature, signatureAlgorithm, backfillGenerationTimestamp } = fields as Readonly<Record<string, unknown>>
  const found = { signature, signatureAlgorithm, backfillGenerationTimestamp }
  if (signature === undefined || !Object.values(found).every(isTextOrNothing)) return undefined
  return {
    signature: textOf(signature),
    signatureAlgorithm: textOf(signatureAlgorithm),
    backfillGenerationTimestamp: textOf(backfillGenerationTimestamp),
  }
}

function isTextOrNothing(value: unknown): boolean {
  return typeof value === 'string' || value === null || value === undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
