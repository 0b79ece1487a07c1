import type { Environment } from './environment.ts'
import { lstatSync } from 'node:fs'
import path from 'node:path'

import { CrosstrailError } from '../error.ts'
import { showText } from './show.ts'

export interface DiscoverOptions {
  flag?: string | undefined
  env: Environment
  /** Absolute. */
  cwd: string
  /** The user's home folder; undefined if the user has none. */
  home?: string | undefined
  platform?: NodeJS.Platform
}

/**
 * Returns the absolute path of the config file that `--config`, or else CROSSTRAIL_CONFIG, names; undefined if neither does.
 * Does not check that the file exists. Throws `config.not-found` if `--config` is empty.
 */
export function namedConfigFile(options: DiscoverOptions): string | undefined {
  const { flag, env, cwd } = options
  // `--config "$UNSET"` must not fall through to another file.
  if (flag === '') throw new CrosstrailError('config.not-found', '--config is empty: give it the name of a file')
  const named = flag ?? nonEmpty(env['CROSSTRAIL_CONFIG'])
  return named === undefined ? undefined : pathsOf(options).resolve(cwd, named)
}

/**
 * Finds the config file if none was named: crosstrail.yaml, .yml or .json in the current folder, else in the user's config folder.
 * Returns its absolute path. The user did not say that it can be trusted, so `demandTrusted` must check it. Throws `config.not-found`
 * with the places it looked at.
 */
export function foundConfigFile(options: DiscoverOptions): string {
  const { cwd } = options
  const paths = pathsOf(options)
  const folders = [cwd, userConfigFolder(options)].filter((folder) => folder !== undefined)
  const places = folders.flatMap((folder) => fileNames.map((name) => paths.join(folder, name)))
  const found = places.find(isThere)
  if (found !== undefined) return found
  throw new CrosstrailError('config.not-found', `there is no config file; looked at ${showText(places.join(', '))}`, {
    hint: 'to write one: crosstrail init; or name a file with --config or CROSSTRAIL_CONFIG',
    facts: { looked: places.join(', ') },
  })
}

const fileNames = ['crosstrail.yaml', 'crosstrail.yml', 'crosstrail.json']

/** The folder of the user's own config: by the XDG base directories, also on macOS; under %APPDATA% on Windows. */
function userConfigFolder(options: DiscoverOptions): string | undefined {
  const { env, home, platform = process.platform } = options
  const paths = pathsOf(options)
  if (platform === 'win32') {
    const base = nonEmpty(env['APPDATA']) ?? (home && paths.join(home, 'AppData', 'Roaming'))
    return base && paths.join(base, 'crosstrail')
  }
  // The XDG specification says to ignore a relative XDG_CONFIG_HOME.
  const xdg = nonEmpty(env['XDG_CONFIG_HOME'])
  const base = xdg !== undefined && paths.isAbsolute(xdg) ? xdg : home && paths.join(home, '.config')
  return base && paths.join(base, 'crosstrail')
}

function pathsOf({ platform = process.platform }: DiscoverOptions): typeof path.posix {
  return platform === 'win32' ? path.win32 : path.posix
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

/** Anything of that name counts, also a dangling link or an unreadable folder: skipping it would silently select another file. */
function isThere(place: string): boolean {
  try {
    return lstatSync(place, { throwIfNoEntry: false }) !== undefined
  } catch {
    return true
  }
}
