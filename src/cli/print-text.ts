import type { Output } from './streams.ts'
import { exitCodes } from './exit-code.ts'
import { LineWriter } from './render/line-writer.ts'

/** Prints a text and a line end. Returns the exit code of success. Throws `disk.output-failed`. */
export function printText(stdout: Output, text: string): Promise<number> {
  return printLines(stdout, [text])
}

/** The same for lines. */
export async function printLines(stdout: Output, lines: Iterable<string>): Promise<number> {
  const writer = new LineWriter(stdout)
  for (const line of lines) writer.write(line)
  await writer.flush()
  return exitCodes.ok
}
