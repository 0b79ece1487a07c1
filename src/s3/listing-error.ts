import { CrosstrailError } from '../error.ts'
import { maskedForeignText } from '../secrets/masked-text.ts'

/** A listing's answer that cannot be read whole. */
export function malformedListing(what: string, cause?: unknown): CrosstrailError {
  return new CrosstrailError('bucket.malformed-answer', `the listing cannot be read: ${maskedForeignText(what)}`, {
    hint: 'a proxy in between may cut answers; if it is always so, the endpoint is no S3',
    cause,
  })
}

/** An answer that is well-formed and belongs to another listing. `says`: what it says that was not asked for. */
export function wrongPage(prefix: string, says: string): CrosstrailError {
  const message = `the listing of '${prefix}' was answered with a page of another listing: ${maskedForeignText(says)}`
  return new CrosstrailError('bucket.wrong-page', message, {
    hint: 'a proxy or a cache in between mixes answers up; if it is always so, the endpoint is no faithful S3',
    facts: { prefix },
  })
}

/** A listing whose pages do not go on from where the one before ended. */
export function listingLoops(prefix: string, why = 'the server repeats itself'): CrosstrailError {
  return new CrosstrailError('bucket.listing-loops', `the listing of ${prefix} does not move on: ${why}`, {
    hint: 'the endpoint is no faithful S3: its listings cannot be trusted to be complete',
  })
}
