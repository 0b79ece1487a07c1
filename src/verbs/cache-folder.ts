import path from 'node:path'
import { CrosstrailError } from '../error.ts'
import type { Environment } from '../config/environment.ts'

/** Returns the user's cache folder: by XDG, also on macOS, and below %LOCALAPPDATA% on Windows. Throws `config.no-home`. */
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
  // The specification says to ignore a relative path.
  return path.posix.join(path.posix.isAbsolute(xdg) ? xdg : path.posix.join(homeOf(homeDir), '.cache'), 'crosstrail')
}

function homeOf(homeDir: string | undefined): string {
  if (homeDir !== undefined) return homeDir
  const message = 'this user has no home folder, and sessions would be kept there'
  throw new CrosstrailError('config.no-home', message, {
    hint: 'set HOME, or set XDG_CACHE_HOME to a folder of this user, or omit --cache',
  })
}
