import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Entrant } from './entrant.ts'

/** Sends what an entrant prints, or what it prints on stderr, into a file, and checks it after each run. `check` throws if the work was not done. */
export function withPrinted(
  entrant: Entrant,
  check: (printed: Buffer) => void,
  stream: 'stdout' | 'stderr' = 'stdout',
): Entrant {
  const fileIn = (folder: string) => join(folder, 'printed')
  const script = `exec "$@" ${stream === 'stdout' ? '>' : '2>'} "$0"`
  return {
    ...entrant,
    command: (folder, bin) => ['sh', '-c', script, fileIn(folder), ...entrant.command(folder, bin)],
    check: (folder) => {
      const printed = readFileSync(fileIn(folder))
      rmSync(fileIn(folder))
      check(printed)
    },
  }
}

/** Demands that an entrant prints each of these texts. */
export function withTexts(entrant: Entrant, texts: readonly string[], stream: 'stdout' | 'stderr'): Entrant {
  return withPrinted(
    entrant,
    (printed) => {
      const missing = texts.filter((text) => !printed.includes(text))
      if (missing.length > 0)
        throw new Error(`${entrant.tool} did not print '${missing.join("' and '")}': ${printed.toString()}`)
    },
    stream,
  )
}
