/** Orders the lines of several concurrent writers: all lines of the first of `names`, at once, then those of the next. */
export class InTurn {
  readonly #write: (line: string) => void
  readonly #waiting: { readonly name: string; readonly lines: string[]; done: boolean }[]

  constructor(names: readonly string[], write: (line: string) => void) {
    this.#write = write
    this.#waiting = names.map((name) => ({ name, lines: [], done: false }))
  }

  say(name: string, lines: readonly string[]): void {
    this.#waiting.find((one) => one.name === name)?.lines.push(...lines)
    this.#flush()
  }

  done(name: string): void {
    const one = this.#waiting.find((each) => each.name === name)
    if (one !== undefined) one.done = true
    this.#flush()
  }

  #flush(): void {
    for (;;) {
      const first = this.#waiting[0]
      if (first === undefined) return
      for (const line of first.lines.splice(0)) this.#write(line)
      if (!first.done) return
      this.#waiting.shift()
    }
  }
}
