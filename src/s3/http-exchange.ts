import type { AnswerConnection, HttpReceiver, HttpRequest } from './http.ts'
import { requestHead } from './http-request.ts'

export interface ExchangeEnd {
  resolve(connection: AnswerConnection): void
  reject(error: unknown): void
}

export interface Carrier {
  /** Ends the connection, and its exchange with `error`. */
  destroy(error: unknown): void
}

/** A request and its expected answer. The constructor throws CrosstrailError `network.unsendable`. */
export class Exchange {
  readonly head: string
  readonly body: string | Uint8Array | undefined
  /** False if the answer has only a head, as for HEAD. */
  readonly answerHasBody: boolean
  /** True if the server may work for minutes before it answers, for example to copy or join objects. */
  readonly takesLong: boolean
  readonly receiver: HttpReceiver
  /** Undefined until a connection carries the exchange. */
  carrier: Carrier | undefined
  readonly #end: ExchangeEnd
  /** The set that contains the exchange while it runs. */
  readonly #running: Set<Exchange> | undefined
  #isOver = false

  constructor(request: HttpRequest, receiver: HttpReceiver, end: ExchangeEnd, running: Set<Exchange> | undefined) {
    const { method, body } = request
    this.head = requestHead(request)
    this.body = body
    this.answerHasBody = method !== 'HEAD'
    this.takesLong = method !== 'GET' && method !== 'HEAD'
    this.receiver = receiver
    this.#end = end
    this.#running = running
    running?.add(this)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  resolve(connection: AnswerConnection): void {
    this.#over()
    this.#end.resolve(connection)
  }

  reject(error: unknown): void {
    this.#over()
    this.#end.reject(error)
  }

  /** Ends the exchange, whether it has started or not. */
  giveUp(error: unknown): void {
    if (this.carrier === undefined) this.reject(error)
    else this.carrier.destroy(error)
  }

  #over(): void {
    this.#isOver = true
    this.#running?.delete(this)
  }
}
