import { randomBytes, randomUUID } from 'node:crypto'
import type { AccountId } from '../../trail/account-id.ts'
import type { PolicyDocument } from '../evaluate-policy.ts'
import { randomIndex, type Random } from '../random.ts'

export interface QueueOptions {
  /** Default: the lab's account A. */
  readonly account?: AccountId
  /** Default: the lab's region. */
  readonly region?: string
  /** Default: 30. */
  readonly visibilitySeconds?: number
  /** Default: four days. */
  readonly retentionSeconds?: number
  /** Who else may use the queue. Without it, only callers of its own account. */
  readonly policy?: PolicyDocument | undefined
  /** The key that encrypts messages. Readers need `kms:Decrypt` on it. */
  readonly kmsKeyArn?: string | undefined
  /** Where a message moves that was received `maxReceives` times and not deleted. */
  readonly redrive?: { readonly deadLetter: Queue; readonly maxReceives: number } | undefined
  /** The most messages that may be received and not deleted: 120,000, as on AWS. */
  readonly mostInFlight?: number
}

/** A message as one receive gave it out. */
export interface GivenMessage {
  readonly id: string
  readonly receipt: string
  readonly body: string
  readonly sentAtMs: number
  readonly firstReceivedAtMs: number
  readonly receives: number
}

interface StoredMessage {
  readonly id: string
  readonly body: string
  readonly sentAtMs: number
  /** The delivery of the message to the queue, until which it is delayed. */
  readonly arrivesAtMs: number
  firstReceivedAtMs: number | undefined
  receives: number
  visibleAtMs: number
  /** The receipt of the last receive, the only one that deletes. */
  receipt: string | undefined
}

export interface SendOptions {
  readonly delayMs?: number
  /** Puts the message at a random place among the waiting ones. */
  readonly shuffle?: Random | undefined
}

export type VisibilityChange = 'changed' | 'not-in-flight' | 'too-long'

const longestVisibilityMs = 43_200_000

/** A standard queue in memory, by the lab's clock. Tests may access it directly; no policy is checked here. */
export class Queue {
  readonly name: string
  readonly account: AccountId
  readonly region: string
  readonly url: string
  readonly createdAtMs: number
  visibilitySeconds: number
  readonly retentionSeconds: number
  policy: PolicyDocument | undefined
  kmsKeyArn: string | undefined
  redrive: QueueOptions['redrive']
  readonly mostInFlight: number
  readonly #now: () => number
  #messages: StoredMessage[] = []

  constructor(
    name: string,
    options: Required<Pick<QueueOptions, 'account' | 'region'>> & QueueOptions & { readonly url: string },
    now: () => number,
  ) {
    this.name = name
    this.account = options.account
    this.region = options.region
    this.url = options.url
    this.visibilitySeconds = options.visibilitySeconds ?? 30
    this.retentionSeconds = options.retentionSeconds ?? 345_600
    this.policy = options.policy
    this.kmsKeyArn = options.kmsKeyArn
    this.redrive = options.redrive
    this.mostInFlight = options.mostInFlight ?? 120_000
    this.createdAtMs = now()
    this.#now = now
  }

  get arn(): string {
    return `arn:aws:sqs:${this.region}:${this.account}:${this.name}`
  }

  /** The bodies of all messages that were not deleted, also of those that are invisible. */
  get bodies(): readonly string[] {
    return this.#kept().map(({ body }) => body)
  }

  get counts(): { readonly visible: number; readonly inFlight: number; readonly delayed: number } {
    const now = this.#now()
    const kept = this.#kept()
    const visible = kept.filter(({ visibleAtMs }) => visibleAtMs <= now).length
    const delayed = kept.filter(({ arrivesAtMs }) => arrivesAtMs > now).length
    return { visible, delayed, inFlight: kept.length - visible - delayed }
  }

  /** Returns the ID of the message. */
  send(body: string, { delayMs = 0, shuffle }: SendOptions = {}): string {
    const now = this.#now()
    const id = randomUUID()
    const arrivesAtMs = now + delayMs
    this.#add(
      {
        id,
        body,
        sentAtMs: now,
        arrivesAtMs,
        visibleAtMs: arrivesAtMs,
        firstReceivedAtMs: undefined,
        receives: 0,
        receipt: undefined,
      },
      shuffle,
    )
    return id
  }

  /** Gives out up to `max` visible messages, and hides them. Those that were received too often move to the dead-letter queue. */
  receive(max: number, visibilitySeconds = this.visibilitySeconds): GivenMessage[] {
    const now = this.#now()
    const given: GivenMessage[] = []
    for (const message of this.#kept()) {
      if (given.length >= max) break
      if (message.visibleAtMs > now) continue
      if (this.redrive !== undefined && message.receives >= this.redrive.maxReceives) {
        this.#messages = this.#messages.filter((one) => one !== message)
        this.redrive.deadLetter.#add({ ...message, receives: 0, firstReceivedAtMs: undefined, receipt: undefined })
        continue
      }
      given.push(this.#give(message, now, visibilitySeconds))
    }
    return given
  }

  /**
   * Deletes the message of the last receipt. As on AWS, an older receipt is accepted and deletes nothing. Returns false if the receipt is of no message
   * of this queue, ever.
   */
  delete(receipt: string): boolean {
    if (!this.#isOwn(receipt)) return false
    this.#messages = this.#messages.filter((message) => message.receipt !== receipt)
    return true
  }

  /** Hides a received message for so many seconds from now; 0 makes it visible. Returns undefined if the receipt is of no message of this queue, ever. */
  changeVisibility(receipt: string, seconds: number): VisibilityChange | undefined {
    if (!this.#isOwn(receipt)) return undefined
    const now = this.#now()
    const message = this.#kept().find((one) => one.receipt === receipt)
    if (message === undefined || message.visibleAtMs <= now) return 'not-in-flight'
    const visibleAtMs = now + seconds * 1_000
    if (visibleAtMs > (message.firstReceivedAtMs ?? now) + longestVisibilityMs) return 'too-long'
    message.visibleAtMs = visibleAtMs
    return 'changed'
  }

  /** Makes all messages that are in flight visible. */
  makeVisible(): void {
    const now = this.#now()
    for (const message of this.#messages) if (message.arrivesAtMs <= now) message.visibleAtMs = now
  }

  #give(message: StoredMessage, now: number, visibilitySeconds: number): GivenMessage {
    message.firstReceivedAtMs ??= now
    message.receives += 1
    message.visibleAtMs = now + visibilitySeconds * 1_000
    message.receipt = `${this.#receiptStart}${randomBytes(270).toString('base64')}`
    const { id, body, sentAtMs, firstReceivedAtMs, receives, receipt } = message
    return { id, body, sentAtMs, firstReceivedAtMs, receives, receipt }
  }

  #add(message: StoredMessage, shuffle?: Random): void {
    const place = shuffle === undefined ? this.#messages.length : randomIndex(shuffle, this.#messages.length + 1)
    this.#messages.splice(place, 0, message)
  }

  #kept(): readonly StoredMessage[] {
    const oldest = this.#now() - this.retentionSeconds * 1_000
    if (this.#messages.some(({ sentAtMs }) => sentAtMs <= oldest)) {
      this.#messages = this.#messages.filter(({ sentAtMs }) => sentAtMs > oldest)
    }
    return this.#messages
  }

  get #receiptStart(): string {
    return `AQ${Buffer.from(this.arn).toString('base64url')}+`
  }

  #isOwn(receipt: string): boolean {
    return receipt.startsWith(this.#receiptStart)
  }
}
