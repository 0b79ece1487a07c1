import type { Readable, Writable } from 'node:stream'

export type Output = Writable & {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  readonly fd?: number | undefined
}

export type Input = Readable & { readonly isTTY?: boolean | undefined; setRawMode?: (raw: boolean) => unknown }
