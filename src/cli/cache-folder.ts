import path from 'node:path'
import type { Environment } from './command.ts'

/** The folder of the user's own cache: by the XDG base directories, on macOS too; under %LOCALAPPDATA% on Windows. */
export function cacheFolder(env: Environment, homeDir: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') {
    const { win32 } = path
    return win32.join(env['LOCALAPPDATA'] || win32.join(homeDir, 'AppData', 'Local'), 'crosstrail')
  }
  const xdg = env['XDG_CACHE_HOME'] ?? ''
  // A relative one is to be ignored, says the specification
  return path.posix.join(path.posix.isAbsolute(xdg) ? xdg : path.posix.join(homeDir, '.cache'), 'crosstrail')
}
