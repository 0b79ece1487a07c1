import { createHash } from 'node:crypto'
import { ContentCheck } from '../../disk/content-check.ts'
import type { BodyReceiver } from '../../s3/body-receiver.ts'
import { type ListedBody, refuseOtherBody } from '../listed-body.ts'

/**
 * Computes the SHA-256 of a body, in hexadecimal. The body is checked against the listing and the answer, and not kept. Throws as
 * `refuseOtherBody` and `ContentCheck`.
 */
export function digestingBody(object: ListedBody): BodyReceiver<string> {
  const hash = createHash('sha256')
  let check: ContentCheck | undefined
  return {
    start(headers) {
      refuseOtherBody(object, headers)
      check = new ContentCheck(headers, object)
    },
    data(chunk) {
      check?.update(chunk)
      hash.update(chunk)
    },
    async finish() {
      await check?.finish()
      return hash.digest('hex')
    },
    discard() {},
  }
}
