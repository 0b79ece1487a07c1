import type { LineWriter } from './line-writer.ts'

/** Passes lines to a writer, but keeps them back while a question is on the terminal. They would scroll it out of sight. */
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

  /** Writes earlier lines before `ask`, and lines that arrive meanwhile after it. Throws what `ask` throws, and `disk.output-failed`. */
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
