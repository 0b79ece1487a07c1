import { closeSync, openSync, readSync } from 'node:fs'
import { CrosstrailError } from '../error.ts'
import type { Input } from './streams.ts'

export interface ReadTextOptions {
  readonly mostBytes: number
  /** What to do if the file cannot be read. */
  readonly hint: string
  /** Returns the error for a longer text. */
  readonly tooLarge: () => CrosstrailError
}

/** Reads a file that the person named, or stdin for `-`. Throws `usage.unreadable-file`, and what `tooLarge` returns. */
export async function readText(file: string, stdin: Input, options: ReadTextOptions): Promise<string> {
  return file === '-' ? readAll(stdin, options) : readFile(file, options)
}

function readFile(file: string, { mostBytes, hint, tooLarge }: ReadTextOptions): string {
  let descriptor: number | undefined
  try {
    descriptor = openSync(file, 'r')
    const bytes = Buffer.alloc(mostBytes + 1)
    let length = 0
    for (;;) {
      const read = readSync(descriptor, bytes, length, bytes.length - length, null)
      if (read === 0) return bytes.toString('utf8', 0, length)
      length += read
      if (length > mostBytes) throw tooLarge()
    }
  } catch (error) {
    if (error instanceof CrosstrailError) throw error
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason'
    throw new CrosstrailError('usage.unreadable-file', `${file} cannot be read: ${reason}`, { hint, cause: error })
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

async function readAll(stdin: Input, { mostBytes, tooLarge }: ReadTextOptions): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk as Uint8Array | string)
    length += bytes.length
    if (length > mostBytes) throw tooLarge()
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}
