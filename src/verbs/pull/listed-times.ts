import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { onDisk } from '../../disk/disk-error.ts'
import { readRegularFile } from '../../disk/regular-file.ts'
import { writeWhole } from '../../disk/whole-file.ts'
import type { StreamName } from './report.ts'

/** A file beside coverage, because a pull that found nothing does not write coverage. */
const fileName = 'listed.json'
const mostBytes = 64 * 1024 * 1024

/** When streams were last listed to their end, in milliseconds since the epoch, by this machine's clock. */
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

/** Reads the times of a state folder. A missing or invalid file counts as empty: it is information only. Throws `disk.…`. */
export function readListedTimes(stateFolder: string): ListedTimes {
  const file = join(stateFolder, fileName)
  return onDisk(file, () => new ListedTimes(timesIn(readRegularFile(file, mostBytes)?.toString('utf8') ?? '{}')))
}

/** Writes the times. The caller must hold the target's lock. Throws `disk.…`. */
export function writeListedTimes(stateFolder: string, times: ListedTimes): void {
  const final = join(stateFolder, fileName)
  const temp = `${final}.part`
  // A pull that was killed may have left this file.
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
