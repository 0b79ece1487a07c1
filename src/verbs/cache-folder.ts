import path from 'node:path'
import { CrosstrailError } from '../error.ts'
import type { Environment } from '../config/environment.ts'

/** The folder of the user's own cache: by the XDG base directories, on macOS too; under %LOCALAPPDATA% on Windows. Throws `config.no-home`. */
export function cacheFolder(
  env: Environment,
  homeDir: string | undefined,
  platform: NodeJS.Platform = process.platform,
): string {
  if (platform === 'win32') {
    const { win32 } = path
    return win32.join(env['LOCALAPPDATA'] || win32.join(homeOf(homeDir), 'AppData', 'Local'), 'crosstrail')
  }
  const xdg = env['XDG_CACHE_HOME'] ?? ''
  // A relative one is to be ignored, says the specification
  return path.posix.join(path.posix.isAbsolute(xdg) ? xdg : path.posix.join(homeOf(homeDir), '.cache'), 'crosstrail')
}

function homeOf(homeDir: string | undefined): string {
  if (homeDir !== undefined) return homeDir
  const message = 'sessions are kept in the home folder, and this user has no home folder'
  throw new CrosstrailError('config.no-home', message, {
    hint: 'set XDG_CACHE_HOME to a folder of this user, or HOME; or leave --cache out',
  })
}
