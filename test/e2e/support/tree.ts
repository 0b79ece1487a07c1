import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { jsonLines } from './crosstrail.ts'
import { digestOf, sortedRecord } from './stored-logs.ts'

/** All files of a mirror by path, without crosstrail's own files. */
export function filesOf(folder: string): string[] {
  return below(folder)
    .filter(({ isFolder }) => !isFolder)
    .map(({ path }) => path)
    .filter((path) => !path.startsWith('.crosstrail/'))
    .sort()
}

export function treeOf(folder: string): Record<string, string> {
  return sortedRecord(filesOf(folder).map((path) => [path, digestOf(readFileSync(join(folder, path)))]))
}

export function modesOf(folder: string): { readonly files: Set<string>; readonly folders: Set<string> } {
  const entries = [{ path: '', isFolder: true }, ...below(folder)]
  const modes = (folders: boolean) =>
    new Set(
      entries
        .filter(({ isFolder }) => isFolder === folders)
        .map(({ path }) => (statSync(join(folder, path)).mode & 0o777).toString(8)),
    )
  return { files: modes(false), folders: modes(true) }
}

export function leftovers(folder: string): string[] {
  return below(join(folder, '.crosstrail/tmp')).map(({ path }) => path)
}

/** The lines of each journal of a target, oldest first. */
export function journalsOf(folder: string): Record<string, unknown>[][] {
  return journalsIn(join(folder, '.crosstrail'))
}

/** The same for a folder of journals. */
export function journalsIn(state: string): Record<string, unknown>[][] {
  return readdirSync(state)
    .filter((name) => name.endsWith('.ndjson'))
    .map((name) => ({ file: join(state, name), writtenMs: statSync(join(state, name)).birthtimeMs }))
    .sort((a, b) => a.writtenMs - b.writtenMs)
    .map(({ file }) => jsonLines(readFileSync(file, 'utf8')))
}

function below(folder: string): { readonly path: string; readonly isFolder: boolean }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) => ({
    path: relative(folder, join(entry.parentPath, entry.name)),
    isFolder: entry.isDirectory(),
  }))
}
