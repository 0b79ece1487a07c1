import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { onDisk } from '../../disk/disk-error.ts'
import { readRegularFile } from '../../disk/regular-file.ts'
import { writeWhole } from '../../disk/whole-file.ts'
import type { StreamName } from './report.ts'

/** Beside coverage, which a pull that found nothing does not write. */
const fileName = 'listed.json'
const mostBytes = 64 * 1024 * 1024

/** When streams were last listed to their end, in milliseconds since the epoch, by the clock here. */
class ListedTimes {
  readonly #times: Map<string, number>

  constructor(times: Iterable<readonly [string, number]> = []) {
    this.#times = new Map(times)
  }

  of(stream: StreamName): number | undefined {
    return this.#times.get(nameOf(stream))
  }

  set(stream: StreamName, atMs: number): void {
    this.#times.set(nameOf(stream), atMs)
  }

  format(): string {
    const lines = [...this.#times].map(([name, atMs]) => `${JSON.stringify(name)}: "${new Date(atMs).toISOString()}"`)
    return `{\n${lines.toSorted().join(',\n')}\n}\n`
  }
}

/** What a state folder keeps. A file that is missing or holds something else counts as none: it only informs, and each pull writes it anew. Throws `disk.…`. */
export function readListedTimes(stateFolder: string): ListedTimes {
  const file = join(stateFolder, fileName)
  return onDisk(file, () => new ListedTimes(timesIn(readRegularFile(file, mostBytes)?.toString('utf8') ?? '{}')))
}

/** Only who holds the lock of the target may call it. Throws `disk.…`. */
export function writeListedTimes(stateFolder: string, times: ListedTimes): void {
  const final = join(stateFolder, fileName)
  const temp = `${final}.part`
  // What a pull that was killed left
  onDisk(temp, () => rmSync(temp, { force: true }))
  writeWhole({ temp, final, mtimeMs: Date.now(), replace: true }, Buffer.from(times.format()))
}

function* timesIn(text: string): Generator<readonly [string, number]> {
  for (const [name, at] of Object.entries(parsed(text))) {
    const atMs = typeof at === 'string' ? Date.parse(at) : Number.NaN
    if (!Number.isNaN(atMs)) yield [name, atMs]
  }
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

function nameOf({ logAccount, region, kind }: StreamName): string {
  return `${logAccount}/${kind}/${region}`
}
