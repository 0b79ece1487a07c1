import { closeSync, fstatSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf, onDisk } from '../../disk/disk-error.ts'
import { jsonLine } from '../../disk/file-lines.ts'
import { openRegularFile } from '../../disk/regular-file.ts'
import { hasCode } from '../../error.ts'
import type { RunMade } from './figures.ts'

/** `pull-20261101T120000Z-1a2b3c.ndjson`: other files in the folder are no journals of a run. */
const journalName = /^(?:pull|download|copy|delete|restore|verify|events)-(\d{8}T\d{6}Z)-[0-9a-f]+\.ndjson$/
const mostRuns = 50
const endBytes = 64 * 1024

export interface RunsWanted {
  readonly folders: readonly string[]
  /** Only runs on this bucket. Undefined: all. */
  readonly bucket?: string | undefined
}

/** Reads what the newest runs did from the ends of their journals. A folder that does not exist has none. */
export function runsMade({ folders, bucket }: RunsWanted): RunMade[] {
  const files = folders.flatMap((folder) => journalsIn(folder).map((name) => ({ name, file: join(folder, name) })))
  const runs: RunMade[] = []
  for (const { file } of files.toSorted((a, b) => (stampOf(a.name) < stampOf(b.name) ? 1 : -1))) {
    const run = readRun(file)
    if (run === undefined || (bucket !== undefined && run.bucket !== bucket)) continue
    runs.push(run.made)
    if (runs.length === mostRuns) break
  }
  return runs
}

function stampOf(name: string): string {
  return journalName.exec(name)?.[1] ?? ''
}

function journalsIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => journalName.test(name))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return []
    return onDisk(folder, () => {
      throw error
    })
  }
}

/** Undefined if the file is no journal, or is gone. */
function readRun(file: string): { readonly made: RunMade; readonly bucket: string | undefined } | undefined {
  const ends = readEnds(file)
  const head = jsonLine(ends?.first ?? '')
  const { verb, run, startedAt, trail } = head ?? {}
  if (head?.['journal'] !== 'crosstrail' || typeof verb !== 'string' || typeof run !== 'string') return undefined
  const last = jsonLine(ends?.last ?? '') ?? {}
  const isFinished = typeof last['finished'] === 'string'
  const skipped = Object.values((last['skipped'] ?? {}) as Readonly<Record<string, number>>)
  return {
    bucket: (trail as { readonly bucket?: string } | undefined)?.bucket,
    made: {
      verb,
      run,
      started: String(startedAt),
      finished: isFinished ? String(last['finished']) : undefined,
      state: !isFinished ? 'unfinished' : last['interrupted'] === true ? 'interrupted' : 'finished',
      done: Number(last['done'] ?? 0),
      skipped: skipped.reduce((sum, count) => sum + count, 0),
      failed: Number(last['failed'] ?? 0),
      bytes: Number(last['doneBytes'] ?? 0),
    },
  }
}

/** The first and the last line. A journal may have millions. */
function readEnds(file: string): { readonly first: string; readonly last: string } | undefined {
  let descriptor: number
  try {
    descriptor = openRegularFile(file, 'read')
  } catch (error) {
    // Another run may have removed it, or it is a link.
    if (errnoOf(error) === 'ENOENT' || hasCode(error, 'disk.not-a-file')) return undefined
    throw error
  }
  try {
    const { size } = fstatSync(descriptor)
    const part = (at: number) => {
      const bytes = Buffer.alloc(Math.min(endBytes, size))
      return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, at)).toString()
    }
    const [first = ''] = part(0).split('\n')
    const tail = part(Math.max(0, size - endBytes))
    return { first, last: tail.endsWith('\n') ? (tail.trimEnd().split('\n').at(-1) ?? '') : '' }
  } finally {
    closeSync(descriptor)
  }
}
