import type { LocalMirror, MirrorStream, Place, WrittenFile } from '../disk/local-mirror.ts'
import { CrosstrailError } from '../error.ts'
import type { BodyReceiver } from '../s3/body-receiver.ts'
import { header, type HttpHeaders, joinChunks } from '../s3/http.ts'
import type { LogObject } from '../trail/log-object.ts'
import { maxHeldBytes } from '../work/object-taker.ts'

/**
 * Takes an object's body to its place: held and written at once, or streamed where it is too large to hold.
 * Throws `object.changed` where the body is of another version than the one listed, and what the mirror throws.
 */
export function objectReceiver(object: LogObject, place: Place, mirror: LocalMirror): BodyReceiver<WrittenFile> {
  return object.sizeBytes <= maxHeldBytes
    ? heldBody(object, (body, headers) => mirror.writeBytes(place, body, headers))
    : streamedBody(object, place, mirror)
}

/** Holds a body whole, and hands it over when it is complete. */
export function heldBody<T>(
  object: LogObject,
  take: (body: Buffer, headers: HttpHeaders) => Promise<T> | T,
): BodyReceiver<T> {
  return new HeldBody(object, take)
}

class HeldBody<T> implements BodyReceiver<T> {
  readonly #object: LogObject
  readonly #take: (body: Buffer, headers: HttpHeaders) => Promise<T> | T
  readonly #chunks: Buffer[] = []
  #length = 0

  constructor(object: LogObject, take: (body: Buffer, headers: HttpHeaders) => Promise<T> | T) {
    this.#object = object
    this.#take = take
  }

  start(headers: HttpHeaders): void {
    refuseOther(this.#object, headers)
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

function streamedBody(object: LogObject, place: Place, mirror: LocalMirror): BodyReceiver<WrittenFile> {
  let stream: MirrorStream | undefined
  return {
    start(headers) {
      refuseOther(object, headers)
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

/** What can be told before the body: that it is of another version, or of another length than listed. */
function refuseOther(object: LogObject, headers: HttpHeaders): void {
  const etag = header(headers, 'etag')?.replaceAll('"', '')
  if (etag !== undefined && isS3Etag(etag) && isS3Etag(object.etag) && etag !== object.etag) throw changed(object, etag)
  const announced = Number(header(headers, 'content-length') ?? object.sizeBytes)
  if (announced < object.sizeBytes) throw truncated(object, announced)
  if (announced > object.sizeBytes) throw tooLong(object, announced)
}

/** S3's own form. A store that gives another ETag with a body than with a listing is not accused of a change. */
function isS3Etag(etag: string): boolean {
  return /^[0-9a-f]{32}(-\d+)?$/i.test(etag)
}

function changed(object: LogObject, etag: string): CrosstrailError {
  return new CrosstrailError('object.changed', `${object.key} was replaced after it was listed`, {
    hint: 'run again; CloudTrail itself never replaces a log: find out who did',
    facts: { listedEtag: object.etag, etag },
  })
}

function truncated(object: LogObject, length: number): CrosstrailError {
  return new CrosstrailError(
    'object.truncated',
    `the body of ${object.key} is shorter than ${object.sizeBytes} bytes`,
    {
      facts: { expected: object.sizeBytes, got: length },
    },
  )
}

function tooLong(object: LogObject, length: number): CrosstrailError {
  return new CrosstrailError('object.too-long', `the body of ${object.key} is longer than ${object.sizeBytes} bytes`, {
    facts: { expected: object.sizeBytes, got: length },
  })
}
