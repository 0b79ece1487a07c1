import { CrosstrailError } from '../error.ts'
import { maskedForeignText } from '../secrets/masked-text.ts'

/** The error for a listing's answer that cannot be read completely. */
export function malformedListing(what: string, cause?: unknown): CrosstrailError {
  return new CrosstrailError('bucket.malformed-answer', `the listing cannot be read: ${maskedForeignText(what)}`, {
    hint: 'a proxy may cut off answers; if it happens every time, the endpoint is not compatible with S3',
    cause,
  })
}

/** The error for a well-formed answer that belongs to another listing. `says`: the part of the answer that does not match the request. */
export function wrongPage(prefix: string, says: string): CrosstrailError {
  const message = `the answer to the listing of '${prefix}' is a page of another listing: ${maskedForeignText(says)}`
  return new CrosstrailError('bucket.wrong-page', message, {
    hint: 'a proxy or a cache may mix up answers; if it happens every time, the endpoint is not compatible with S3',
    facts: { prefix },
  })
}

/** The error for a listing whose pages do not continue after the previous page. */
export function listingLoops(prefix: string, why = 'the server repeats itself'): CrosstrailError {
  return new CrosstrailError('bucket.listing-loops', `the listing of ${prefix} makes no progress: ${why}`, {
    hint: 'the endpoint is not compatible with S3, so its listings may be incomplete',
  })
}
