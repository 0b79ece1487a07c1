import type { Output } from '../streams.ts'

interface Speaking {
  say(text: string): void
}

interface Drawing extends Speaking {
  stop(): void
}

/** Prints lines on stderr. While progress is drawn there, the lines go through the drawing, so that neither overwrites the other. */
export class Speaker implements Speaking {
  readonly #stderr: Output
  #drawing: Drawing | undefined

  constructor(stderr: Output) {
    this.#stderr = stderr
  }

  say(text: string): void {
    if (this.#drawing === undefined) this.#stderr.write(`${text}\n`)
    else this.#drawing.say(text)
  }

  lendTo(drawing: Drawing): () => void {
    this.#drawing = drawing
    return () => {
      if (this.#drawing === drawing) this.#drawing = undefined
    }
  }

  /** For a process that ends at once: ends the drawing, and starts a new line for the prompt of the terminal. */
  end(): void {
    this.#drawing?.stop()
    this.#drawing = undefined
    // The terminal has printed `^C` on this line
    if (this.#stderr.isTTY === true) this.#stderr.write('\n')
  }
}
