import { Writable } from 'node:stream'
import type { Runtime } from './command.ts'
import { type PagerProcess, startPager } from './pager-process.ts'
import type { Output } from './streams.ts'

/** A program that shows text page by page on the terminal. It starts when there is something to show. */
export interface Pager {
  readonly stdout: Output
  /** Messages to the person. They are kept back while the pager draws on the terminal. */
  readonly stderr: Output
  /** Aborted if the person leaves the pager before all text was written to it. */
  readonly left: AbortSignal
  /** Ends the input of the pager, and waits until the person leaves it. */
  close(): Promise<void>
}

export type PagerRuntime = Pick<Runtime, 'stdout' | 'stderr' | 'env' | 'interrupt' | 'handOverSignals'>

/**
 * Chooses the pager as git does: `CROSSTRAIL_PAGER`, otherwise `PAGER`, otherwise `less`. LESS is `FRX` if it is not set, so that `less` ends
 * by itself if everything fits on one screen. If the pager does not work, its text goes to stdout.
 *
 * Undefined if stdout is not a terminal that can draw, or if the pager is `cat` or empty.
 */
export function openPager(runtime: PagerRuntime): Pager | undefined {
  const { stdout, env } = runtime
  const command = (env['CROSSTRAIL_PAGER'] ?? env['PAGER'] ?? 'less').trim()
  if (stdout.isTTY !== true || env['TERM'] === 'dumb' || command === '' || command === 'cat') return undefined
  const stderr = new HeldOutput(runtime.stderr)
  const pages = new PagedOutput(command, runtime, stderr)
  return { stdout: pages, stderr, left: pages.left, close: () => pages.close() }
}

/** A pager that has taken more than this works. It is more than the buffer of a pipe holds. */
const mostKeptBytes = 1024 * 1024

/** Writes to a pager, and to stdout instead if the pager does not work. */
class PagedOutput extends Writable {
  readonly isTTY = true
  readonly columns: number | undefined
  readonly #command: string
  readonly #runtime: PagerRuntime
  readonly #messages: HeldOutput
  readonly #left = new AbortController()
  #pager: PagerProcess | undefined
  #ended: Promise<void> | undefined
  #state: 'paging' | 'closing' | 'left' | 'failed' = 'paging'
  /** Everything written so far, until it is certain that the pager works. */
  #kept: Buffer[] | undefined = []
  #takenBytes = 0
  #onWritten: ((error?: Error | null) => void) | undefined

  constructor(command: string, runtime: PagerRuntime, messages: HeldOutput) {
    super()
    this.#command = command
    this.#runtime = runtime
    this.#messages = messages
    this.columns = runtime.stdout.columns
    // The caller gets each error with its write.
    this.on('error', () => undefined)
  }

  get left(): AbortSignal {
    return this.#left.signal
  }

  async close(): Promise<void> {
    if (this.#state === 'paging') this.#state = 'closing'
    this.#pager?.stdin.end()
    await this.#ended
  }

  override _write(chunk: Buffer, _encoding: string, onWritten: (error?: Error | null) => void): void {
    if (this.#state === 'left') return onWritten()
    if (this.#state === 'failed') return void this.#runtime.stdout.write(chunk, onWritten)
    this.#pager ??= this.#start()
    this.#kept?.push(chunk)
    this.#onWritten = onWritten
    this.#pager.stdin.write(chunk, (error) => {
      // After an error the pager has ended, or will soon. Then the write is answered.
      if (error !== undefined && error !== null) return
      this.#takenBytes += chunk.length
      if (this.#takenBytes > mostKeptBytes) this.#kept = undefined
      this.#answer()
    })
  }

  #start(): PagerProcess {
    this.#messages.hold()
    const pager = startPager(this.#command, this.#runtime)
    this.#ended = pager.ended.then((failure) => this.#end(failure))
    return pager
  }

  async #end(failure: string | undefined): Promise<void> {
    const kept = this.#kept
    this.#kept = undefined
    this.#messages.release()
    if (failure !== undefined && kept !== undefined) {
      this.#state = 'failed'
      this.#runtime.stderr.write(`warning: the pager ${this.#command} ${failure}; everything is shown without it\n`)
      await new Promise<void>((resolve) => {
        this.#runtime.stdout.write(Buffer.concat(kept), () => resolve())
      })
    } else {
      if (this.#state === 'paging') this.#left.abort()
      this.#state = 'left'
    }
    this.#answer()
  }

  #answer(): void {
    const onWritten = this.#onWritten
    this.#onWritten = undefined
    onWritten?.()
  }
}

/** Keeps back what is written between `hold` and `release`. */
class HeldOutput extends Writable {
  readonly #target: Output
  #held: Buffer[] | undefined

  constructor(target: Output) {
    super()
    this.#target = target
  }

  get isTTY(): boolean | undefined {
    return this.#target.isTTY
  }

  get columns(): number | undefined {
    return this.#target.columns
  }

  hold(): void {
    this.#held = []
  }

  release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const chunk of held) this.#target.write(chunk)
  }

  override _write(chunk: Buffer, _encoding: string, onWritten: () => void): void {
    if (this.#held === undefined) this.#target.write(chunk)
    else this.#held.push(chunk)
    onWritten()
  }
}
