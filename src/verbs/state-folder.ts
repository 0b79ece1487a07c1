import { homedir } from 'node:os'
import path from 'node:path'
import type { Environment } from '../config/environment.ts'

/** Returns the user's state folder: by XDG, also on macOS, and below %LOCALAPPDATA% on Windows. Undefined if it needs a missing home folder. */
export function stateFolder(
  env: Environment,
  platform: NodeJS.Platform = process.platform,
  findHome: () => string = homedir,
): string | undefined {
  if (platform === 'win32') {
    const { win32 } = path
    const home = () => win32.join(findHome(), 'AppData', 'Local')
    return below(win32, 'crosstrail\\state', () => env['LOCALAPPDATA'] || home())
  }
  const xdg = env['XDG_STATE_HOME'] ?? ''
  // The specification says to ignore a relative path.
  if (path.posix.isAbsolute(xdg)) return path.posix.join(xdg, 'crosstrail')
  return below(path.posix, '.local/state/crosstrail', () => env['HOME'] || findHome())
}

function below(paths: path.PlatformPath, name: string, find: () => string): string | undefined {
  try {
    const folder = find()
    return paths.isAbsolute(folder) ? paths.join(folder, name) : undefined
  } catch {
    // Node throws if the user ID has no entry in the system's list of users.
    return undefined
  }
}
