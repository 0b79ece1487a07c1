import type { LineWriter } from './line-writer.ts'

/** Lines on their way to a writer, kept back while a question stands on the terminal: they would push it out of sight. */
export class HeldLines {
  readonly #writer: LineWriter
  readonly #held: string[] = []
  #questions = 0

  constructor(writer: LineWriter) {
    this.#writer = writer
  }

  write(line: string): void {
    if (this.#questions > 0) this.#held.push(line)
    else this.#writer.write(line)
  }

  /** Lines written before `ask` leave before it, those written meanwhile after its end. Throws what `ask` throws, and `disk.output-failed`. */
  async during<T>(ask: () => Promise<T>): Promise<T> {
    this.#questions++
    try {
      await this.#writer.flush()
      return await ask()
    } finally {
      this.#questions--
      if (this.#questions === 0) for (const line of this.#held.splice(0)) this.#writer.write(line)
    }
  }
}
