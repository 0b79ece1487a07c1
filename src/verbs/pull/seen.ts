import { logExtension } from '../../trail/file-name.ts'
import { kindFolder } from '../../trail/kind.ts'
import { ownText } from '../../trail/own-text.ts'
import { dayFolder } from '../../trail/stamp.ts'
import type { StreamName } from './report.ts'

const dayLength = 'YYYY/MM/DD'.length

/** Keys by the day of their stamp, without the parts that all keys of the stream share: `{"2026/11/01": ["20261101T1230Z_AbCd…"]}`. */
export type SeenByDay = Readonly<Record<string, readonly string[]>>

export class SeenKeys {
  readonly #head: string
  readonly #days = new Map<string, Set<string>>()

  constructor({ logAccount, kind, region }: StreamName, days: SeenByDay = {}) {
    this.#head = `${logAccount}_${kindFolder(kind)}_${region}_`
    for (const [day, names] of Object.entries(days)) this.#days.set(day, new Set(names))
  }

  /** `tail` is a key without its stream's prefix. */
  has(tail: string): boolean {
    return this.#days.get(tail.slice(0, dayLength))?.has(this.#shorten(tail)) === true
  }

  add(tail: string): void {
    const day = tail.slice(0, dayLength)
    const name = ownText(this.#shorten(tail))
    const names = this.#days.get(day)
    if (names === undefined) this.#days.set(ownText(day), new Set([name]))
    else names.add(name)
  }

  forgetBefore(instantMs: number): void {
    const first = dayFolder(instantMs).slice(0, dayLength)
    for (const day of this.#days.keys()) if (day < first) this.#days.delete(day)
  }

  get size(): number {
    let size = 0
    for (const names of this.#days.values()) size += names.size
    return size
  }

  toJSON(): SeenByDay {
    return Object.fromEntries([...this.#days].map(([day, names]) => [day, [...names]]))
  }

  /** A name that cannot be shortened gets a leading slash, which no short name has. */
  #shorten(tail: string): string {
    const name = tail.slice(dayLength + 1)
    const isUsual = name.startsWith(this.#head) && name.endsWith(logExtension)
    return isUsual ? name.slice(this.#head.length, -logExtension.length) : `/${name}`
  }
}
