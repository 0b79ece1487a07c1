import { checkContent } from '../disk/content-check.ts'
import type { LocalMirror, MirrorStream, Place, WrittenFile } from '../disk/local-mirror.ts'
import type { BodyReceiver } from '../s3/body-receiver.ts'
import { type HttpHeaders, joinChunks } from '../s3/http.ts'
import { maxHeldBytes } from '../work/object-taker.ts'
import { type ListedBody, refuseOtherBody, tooLong } from './listed-body.ts'

/**
 * Writes an object's body to its place: at once from memory, or streamed if it is too large. Throws `object.changed` if the body is of
 * another version than the one listed, and what the mirror throws.
 */
export function objectReceiver(object: ListedBody, place: Place, mirror: LocalMirror): BodyReceiver<WrittenFile> {
  return object.sizeBytes <= maxHeldBytes
    ? heldBody(object, (body, headers) => mirror.writeBytes(place, body, headers))
    : streamedBody(object, place, mirror)
}

/** Collects a body in memory, and passes it on when it is complete. */
export function heldBody<T>(
  object: ListedBody,
  take: (body: Buffer, headers: HttpHeaders) => Promise<T> | T,
): BodyReceiver<T> {
  return new HeldBody(object, take)
}

/** A body in memory, with the headers of its answer. */
export interface HeldObject {
  readonly body: Buffer
  readonly headers: HttpHeaders
}

/** Does the same, but only if the body matches the listing and the answer. Throws as `checkContent`. */
export function heldObject(object: ListedBody): BodyReceiver<HeldObject> {
  return heldBody(object, async (body, headers) => {
    await checkContent(body, headers, object)
    return { body, headers }
  })
}

/** The same without the headers. */
export function checkedBody(object: ListedBody): BodyReceiver<Buffer> {
  return heldBody(object, async (body, headers) => {
    await checkContent(body, headers, object)
    return body
  })
}

class HeldBody<T> implements BodyReceiver<T> {
  readonly #object: ListedBody
  readonly #take: (body: Buffer, headers: HttpHeaders) => Promise<T> | T
  readonly #chunks: Buffer[] = []
  #length = 0

  constructor(object: ListedBody, take: (body: Buffer, headers: HttpHeaders) => Promise<T> | T) {
    this.#object = object
    this.#take = take
  }

  start(headers: HttpHeaders): void {
    refuseOtherBody(this.#object, headers)
  }

  data(chunk: Buffer): void {
    this.#length += chunk.length
    if (this.#length > maxHeldBytes + this.#object.sizeBytes) throw tooLong(this.#object, this.#length)
    this.#chunks.push(chunk)
  }

  finish(headers: HttpHeaders): Promise<T> | T {
    return this.#take(joinChunks(this.#chunks), headers)
  }

  discard(): void {}
}

function streamedBody(object: ListedBody, place: Place, mirror: LocalMirror): BodyReceiver<WrittenFile> {
  let stream: MirrorStream | undefined
  return {
    start(headers) {
      refuseOtherBody(object, headers)
      stream = mirror.openStream(place, headers)
    },
    data: (chunk) => stream?.write(chunk),
    async finish() {
      if (stream === undefined) throw new Error('a body was finished before it began')
      return stream.commit()
    },
    discard: () => stream?.abort(),
  }
}
