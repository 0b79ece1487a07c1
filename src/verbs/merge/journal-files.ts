import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { onDisk } from '../../disk/disk-error.ts'
import { demandPaths } from '../../work/folder-roots.ts'

/** Journals are named `download-20261101T120000Z-1a2b3c.ndjson`; plans and states beside them are not. */
const journalName = /^(?:download|copy|delete|verify|events)-\d{8}T\d{6}Z-[0-9a-f]+\.ndjson$/

/** Returns the named files, and the journals in the named folders, each once. Throws `usage.unreadable-file`, `disk.…`. */
export function journalFiles(names: readonly string[]): string[] {
  demandPaths(names, 'name the journals, or the folders that hold them')
  const files = names.flatMap((name) => {
    if (!onDisk(name, () => statSync(name)).isDirectory()) return [name]
    const entries = onDisk(name, () => readdirSync(name)).filter((entry) => journalName.test(entry))
    return entries.toSorted().map((entry) => join(name, entry))
  })
  return [...new Set(files)]
}
