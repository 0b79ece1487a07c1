import type { Output } from '../streams.ts'

interface Speaking {
  say(text: string): void
}

/** Something that draws on stderr, and can end what it drew. */
interface Drawing extends Speaking {
  stop(): void
}

/** Says lines on stderr: through whoever draws there, while somebody does, so that neither overwrites the other. */
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

  /** Lines go through `drawing` until the answered function is called. */
  lendTo(drawing: Drawing): () => void {
    this.#drawing = drawing
    return () => {
      if (this.#drawing === drawing) this.#drawing = undefined
    }
  }

  /** For a process that ends at once: what is drawn goes, and the next prompt of a terminal starts on a line of its own. */
  end(): void {
    this.#drawing?.stop()
    this.#drawing = undefined
    // The terminal shows the key as `^C`
    if (this.#stderr.isTTY === true) this.#stderr.write('\n')
  }
}
