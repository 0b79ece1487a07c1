import { homedir } from 'node:os'
import path from 'node:path'
import type { Environment } from '../config/environment.ts'

/**
 * The folder of what crosstrail keeps for the user from one run to the next: by the XDG base directories, on macOS too; under %LOCALAPPDATA%
 * on Windows. Undefined if it depends on a home folder and there is none.
 */
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
  // A relative one is to be ignored, says the specification
  if (path.posix.isAbsolute(xdg)) return path.posix.join(xdg, 'crosstrail')
  return below(path.posix, '.local/state/crosstrail', () => env['HOME'] || findHome())
}

function below(paths: path.PlatformPath, name: string, find: () => string): string | undefined {
  try {
    const folder = find()
    return paths.isAbsolute(folder) ? paths.join(folder, name) : undefined
  } catch {
    // A user ID without an entry in the system's list of users has no home folder, and Node throws
    return undefined
  }
}
