import type { Readable, Writable } from 'node:stream'

/** An output: a stream that may be a terminal. */
export type Output = Writable & {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly fd?: number | undefined
}

/** An input that may be a terminal. */
export type Input = Readable & { readonly isTTY?: boolean | undefined; setRawMode?: (raw: boolean) => unknown }
