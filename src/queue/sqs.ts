import { setMaxListeners } from 'node:events'
import type { BatchResultErrorEntry, SQSClient } from '@aws-sdk/client-sqs'
import { CrosstrailError, hasCode } from '../error.ts'
import { sdkClientConfig } from '../identity/sdk-client.ts'
import { rememberedKeys, sameKeys } from '../identity/signing-keys.ts'
import { messagesLimit } from '../s3/bounded-body.ts'
import { createHttpClient } from '../s3/http-client.ts'
import type { HttpClient } from '../s3/http.ts'
import type { KeySource, SigningKeys } from '../s3/key-source.ts'
import { md5 } from '../s3/md5.ts'
import { type RetryPolicy, retrying } from '../s3/retry.ts'
import { sdkHttpHandler } from '../s3/sdk-http-handler.ts'
import { type QueueAddress, queueEndpoint } from './address.ts'
import type { QueueAttributes, QueueClient, ReceiptFailures, ReceivedMessage, ReceiveOptions } from './queue-client.ts'
import { readAttributes, readMessages } from './queue-answer.ts'
import { explainEntry, explainQueueError, isTemporary, type QueueCall, unreadableAnswer } from './queue-error.ts'

export interface QueueOptions {
  /** Whose keys sign the calls, for messages: `account Z`. */
  readonly caller: string
  /** The source of the proxy and the certificates, as for the bucket. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** How often a call is made if it fails temporarily. Default: 6. */
  readonly maxAttempts?: number | undefined
}

/**
 * Opens a queue. Sends nothing. It has its own connections, because an answer may take the 20 seconds of a long poll, whatever limit the calls to the
 * bucket have. An answer that is silent for 10 seconds longer is given up. Throws `config.proxy` and `config.ca-bundle`.
 */
export function openQueue(address: QueueAddress, keys: KeySource, options: QueueOptions): QueueClient {
  return new SqsQueue(address, keys, options)
}

const longestWaitSeconds = 20
const marginSeconds = 10
const mostInBatch = 10

/** The SDK's client for one set of keys: it would keep the keys of a provider that names no expiry. */
interface Opened {
  readonly keys: SigningKeys
  readonly client: SQSClient
}

type Sdk = Awaited<ReturnType<typeof loadSdk>>
type Action = QueueCall['action']
type Ask<Answer> = (sdk: Sdk, client: SQSClient, sending: { abortSignal: AbortSignal }) => Promise<Answer>

interface BatchAnswer {
  readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined
  readonly Failed?: readonly BatchResultErrorEntry[] | undefined
}

interface BatchEntry {
  readonly Id: string
  readonly ReceiptHandle: string
}

class SqsQueue implements QueueClient {
  readonly #address: QueueAddress
  readonly #keys: KeySource
  readonly #caller: string
  readonly #http: HttpClient
  readonly #retry: RetryPolicy
  readonly #closing = new AbortController()
  #opened: Opened | undefined

  constructor(address: QueueAddress, keys: KeySource, { caller, env, maxAttempts = 6 }: QueueOptions) {
    this.#address = address
    this.#keys = keys
    this.#caller = caller
    // Each call listens to it.
    setMaxListeners(0, this.#closing.signal)
    this.#http = createHttpClient({ env, stallTimeoutMs: (longestWaitSeconds + marginSeconds) * 1_000 })
    this.#retry = { maxAttempts, baseDelayMs: 200, maxDelayMs: 10_000 }
  }

  receive(options: ReceiveOptions, signal: AbortSignal): Promise<readonly ReceivedMessage[]> {
    const input = {
      QueueUrl: this.#address.url,
      MaxNumberOfMessages: Math.min(mostInBatch, options.max),
      VisibilityTimeout: options.visibilitySeconds,
      WaitTimeSeconds: Math.min(longestWaitSeconds, options.waitSeconds),
    }
    const ask: Ask<readonly ReceivedMessage[]> = async (sdk, client, sending) => {
      const names = [...receivedAttributes]
      const command = new sdk.ReceiveMessageCommand({ ...input, MessageSystemAttributeNames: names })
      return readMessages(await client.send(command, sending), this.#call('ReceiveMessage'))
    }
    return this.#repeat(() => this.#once('ReceiveMessage', ask, signal), signal)
  }

  attributes(): Promise<QueueAttributes> {
    const { signal } = this.#closing
    const ask: Ask<QueueAttributes> = async (sdk, client, sending) => {
      const command = new sdk.GetQueueAttributesCommand({ QueueUrl: this.#address.url, AttributeNames: ['All'] })
      return readAttributes(await client.send(command, sending), this.#call('GetQueueAttributes'))
    }
    return this.#repeat(() => this.#once('GetQueueAttributes', ask, signal), signal)
  }

  delete(receipts: readonly string[]): Promise<ReceiptFailures> {
    return this.#inBatches('DeleteMessageBatch', receipts, (entries) => (sdk, client, sending) => {
      const command = new sdk.DeleteMessageBatchCommand({ QueueUrl: this.#address.url, Entries: entries })
      return client.send(command, sending)
    })
  }

  extend(receipts: readonly string[], visibilitySeconds: number): Promise<ReceiptFailures> {
    return this.#inBatches('ChangeMessageVisibilityBatch', receipts, (entries) => (sdk, client, sending) => {
      const Entries = entries.map((entry) => ({ ...entry, VisibilityTimeout: visibilitySeconds }))
      const command = new sdk.ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#address.url, Entries })
      return client.send(command, sending)
    })
  }

  close(): void {
    this.#closing.abort()
    void this.#http.close()
  }

  /** Stops at the first batch of which nothing is answered: the following ones would fail too, each after all its attempts. */
  async #inBatches(
    action: Action,
    receipts: readonly string[],
    askFor: (entries: BatchEntry[]) => Ask<BatchAnswer>,
  ): Promise<ReceiptFailures> {
    const failures = new Map<string, CrosstrailError>()
    const all = [...new Set(receipts)]
    for (let at = 0; at < all.length; at += mostInBatch) {
      const failedAll = await this.#batch(action, all.slice(at, at + mostInBatch), askFor, failures)
      if (failedAll === undefined) continue
      for (const receipt of all.slice(at + mostInBatch)) failures.set(receipt, failedAll)
      break
    }
    return failures
  }

  /** Sends one batch, and again those of its messages that failed temporarily. Returns the error of a call that failed as a whole. */
  async #batch(
    action: Action,
    batch: readonly string[],
    askFor: (entries: BatchEntry[]) => Ask<BatchAnswer>,
    failures: Map<string, CrosstrailError>,
  ): Promise<CrosstrailError | undefined> {
    let left = batch
    let failedAll: unknown
    const attempt = async () => {
      const entries = left.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }))
      failedAll = undefined
      const answer = await this.#once(action, askFor(entries), this.#closing.signal).catch((error: unknown) => {
        failedAll = error
        throw error
      })
      const failed = this.#failedOf(action, left, answer)
      for (const receipt of left) failures.delete(receipt)
      for (const [receipt, error] of failed) failures.set(receipt, error)
      left = [...failed].filter(([, error]) => isTemporary(error)).map(([receipt]) => receipt)
      const [first] = left
      if (first !== undefined) throw failures.get(first) ?? unreadableAnswer('', this.#call(action))
    }
    try {
      await this.#repeat(attempt, this.#closing.signal)
      return undefined
    } catch (error) {
      if (!(error instanceof CrosstrailError)) throw error
      // Messages that failed one by one have their own errors already.
      if (failedAll === undefined && error.code !== 'interrupted') return undefined
      for (const receipt of left) failures.set(receipt, error)
      return error
    }
  }

  /** A message that the answer does not name was not done. */
  #failedOf(action: Action, receipts: readonly string[], answer: BatchAnswer): Map<string, CrosstrailError> {
    const done = new Set((answer.Successful ?? []).map(({ Id }) => Id))
    const refused = new Map((answer.Failed ?? []).map((entry) => [entry.Id, entry]))
    const failed = new Map<string, CrosstrailError>()
    for (const [index, receipt] of receipts.entries()) {
      const entry = refused.get(String(index))
      if (entry !== undefined) {
        const { Code = 'Unknown', Message = Code, SenderFault } = entry
        const told = { code: Code, message: Message, byService: SenderFault === false }
        failed.set(receipt, explainEntry(told, this.#call(action)))
      } else if (!done.has(String(index))) {
        failed.set(receipt, unreadableAnswer('it does not name each message', this.#call(action)))
      }
    }
    return failed
  }

  #call(action: Action): QueueCall {
    return { action, queue: this.#address, caller: this.#caller }
  }

  #repeat<Answer>(attempt: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    return retrying(attempt, this.#retry, signal, (error) => !this.#closing.signal.aborted && isTemporary(error))
  }

  /** Makes one attempt, and a second one with new keys if the keys have expired. */
  async #once<Answer>(action: Action, ask: Ask<Answer>, signal: AbortSignal): Promise<Answer> {
    const sdk = await loadSdk()
    const keys = await this.#keys.current()
    const attempt = async (keys: SigningKeys) => {
      try {
        return await ask(sdk, this.#clientFor(sdk, keys), { abortSignal: signal })
      } catch (error) {
        throw explainQueueError(error, this.#call(action))
      }
    }
    try {
      return await attempt(keys)
    } catch (error) {
      if (!hasCode(error, 'queue.expired')) throw error
      const renewed = await this.#keys.renew(keys)
      if (sameKeys(renewed, keys)) throw error
      return attempt(renewed)
    }
  }

  #clientFor(sdk: Sdk, keys: SigningKeys): SQSClient {
    if (this.#opened === undefined || !sameKeys(this.#opened.keys, keys)) {
      this.#opened = { keys: rememberedKeys(keys), client: this.#newClient(sdk, keys) }
    }
    return this.#opened.client
  }

  #newClient(sdk: Sdk, keys: SigningKeys): SQSClient {
    const { region } = this.#address
    return new sdk.SQSClient({
      ...sdkClientConfig(keys, {
        region,
        ...queueEndpoint(this.#address),
        requestHandler: sdkHttpHandler(this.#http, {
          limit: messagesLimit,
          check: ({ headers }, { status, body }) => {
            // The SDK reads an empty answer as one without messages.
            const action = /[A-Z]\w+$/.exec(headers['x-amz-target'] ?? '')?.[0] as Action
            if (status < 300 && body.length === 0) throw unreadableAnswer('it is empty', this.#call(action))
          },
        }),
        maxAttempts: 1,
      }),
      // The endpoint is chosen here. The SDK would print a warning about another host in the URL.
      useQueueUrlAsEndpoint: false,
      // Under FIPS, Node has no MD5, and the SDK would use one of its own.
      ...(md5() === undefined && { md5: false as const }),
    })
  }
}

const receivedAttributes = ['SentTimestamp', 'ApproximateReceiveCount'] as const

/** Loads the SDK only before something is sent, because loading takes long. */
async function loadSdk() {
  const {
    ChangeMessageVisibilityBatchCommand,
    DeleteMessageBatchCommand,
    GetQueueAttributesCommand,
    ReceiveMessageCommand,
    SQSClient,
  } = await import('@aws-sdk/client-sqs')
  return {
    ChangeMessageVisibilityBatchCommand,
    DeleteMessageBatchCommand,
    GetQueueAttributesCommand,
    ReceiveMessageCommand,
    SQSClient,
  }
}
