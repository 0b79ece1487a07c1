import type { Output } from './streams.ts'
import { exitCodes } from './exit-code.ts'
import { LineWriter } from './render/line-writer.ts'

/** Prints a text and a line end. Answers the exit code of success. Throws `disk.output-failed`. */
export async function printText(stdout: Output, text: string): Promise<number> {
  const writer = new LineWriter(stdout)
  writer.write(text)
  await writer.flush()
  return exitCodes.ok
}
