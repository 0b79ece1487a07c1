import type { Output } from '../command.ts'

/** Something that writes lines to stderr. */
interface Speaking {
  say(text: string): void
}

/** Says lines on stderr: through whoever draws there, while somebody does, so that neither overwrites the other. */
export class Speaker implements Speaking {
  readonly #stderr: Output
  #drawing: Speaking | undefined

  constructor(stderr: Output) {
    this.#stderr = stderr
  }

  say(text: string): void {
    if (this.#drawing === undefined) this.#stderr.write(`${text}\n`)
    else this.#drawing.say(text)
  }

  /** Lines go through `drawing` until the answered function is called. */
  lendTo(drawing: Speaking): () => void {
    this.#drawing = drawing
    return () => {
      if (this.#drawing === drawing) this.#drawing = undefined
    }
  }
}
