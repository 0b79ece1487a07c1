import { readdirSync, statSync } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import { joined } from '../../work/folder-roots.ts'
import type { RunEvent } from '../../work/run-event.ts'
import type { Selection } from '../../work/selection.ts'
import { missingCode } from '../../work/named-places.ts'
import { unreadableFile } from '../../work/unreadable-file.ts'
import type { MirrorFolder } from './mirror-folders.ts'

/**
 * Warns of what a mirror lacks although the user may believe that it was verified: names of the selection, and links to folders beside the
 * folders that were found, because links to folders are not followed.
 */
export function mirrorGaps(
  dirs: readonly string[],
  folders: readonly MirrorFolder[],
  { logAccounts, regions }: Pick<Selection, 'logAccounts' | 'regions'>,
): RunEvent[] {
  const missing = [
    ...logAccounts
      .filter((name) => !folders.some(({ logAccount }) => logAccount === name))
      .map((name) => ({ what: 'log account', option: '--log-account', name })),
    ...regions
      .filter((name) => !folders.some(({ region }) => region === name))
      .map((name) => ({ what: 'region', option: '--region', name })),
  ]
  return [
    ...missing.map(({ what, option, name }) =>
      warning(missingCode, `the mirror has no folder of the ${what} ${name}: check ${option}`),
    ),
    ...linksBeside(dirs, folders).map((path) =>
      warning(
        'plan.link-not-followed',
        `${path} is a link to a folder, and is not verified: name that folder with --dir`,
      ),
    ),
  ]
}

/** The links to folders at the levels of regions, kinds and accounts, if the user named the folder that they are in or one above it. */
function linksBeside(dirs: readonly string[], folders: readonly MirrorFolder[]): string[] {
  const isNamed = (path: string) => dirs.some((dir) => `${resolve(path)}${sep}`.startsWith(`${resolve(dir)}${sep}`))
  let level = new Set(folders.map(({ path }) => path))
  const links: string[] = []
  for (let levels = 3; levels > 0; levels--) {
    level = new Set([...level].map((path) => dirname(path)).filter(isNamed))
    for (const path of level) links.push(...linksIn(path))
  }
  return links.toSorted()
}

function linksIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink())
      .map(({ name }) => joined(folder, name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
  } catch (error) {
    throw unreadableFile(folder, error)
  }
}

function warning(code: string, message: string): RunEvent {
  return { type: 'note', level: 'warning', code, message }
}
