import { type AnswerLimit, BoundedBody, s3AnswerLimit } from './bounded-body.ts'
import type { HttpAnswer, HttpClient, HttpHeaders, HttpReceiver, HttpRequest } from './http.ts'

export interface CollectOptions {
  /** The limit of S3's answers unless given. */
  readonly limit?: AnswerLimit | undefined
  /** An error that it throws rejects the answer and its connection: the next answer on it may belong to another request too. */
  readonly check?: ((answer: HttpAnswer) => void) | undefined
}

/** Sends a request and returns the whole answer, up to a limit. Throws the limit's code, and what `check` throws. */
export async function collect(
  client: HttpClient,
  request: HttpRequest,
  signal?: AbortSignal,
  options: CollectOptions = {},
): Promise<HttpAnswer> {
  const collector = new Collector(request, options)
  const connection = await client.exchange(request, collector, signal)
  const answer = collector.answer()
  try {
    options.check?.(answer)
  } catch (error) {
    connection.distrust()
    throw error
  }
  return answer
}

class Collector implements HttpReceiver {
  #status = 0
  #headers: HttpHeaders = {}
  readonly #body: BoundedBody

  constructor({ method, origin, path }: HttpRequest, { limit = s3AnswerLimit }: CollectOptions) {
    this.#body = new BoundedBody(limit, () => `${method} ${origin}${path.split('?', 1)[0]}`)
  }

  start(status: number, headers: HttpHeaders): void {
    this.#status = status
    this.#headers = headers
  }

  data(chunk: Buffer): void {
    this.#body.add(chunk)
  }

  answer(): HttpAnswer {
    return { status: this.#status, headers: this.#headers, body: this.#body.bytes() }
  }
}
