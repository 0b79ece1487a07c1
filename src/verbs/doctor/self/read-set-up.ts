import { accessSync, constants, mkdtempSync, rmdirSync, statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Environment } from '../../../config/environment.ts'
import { foundConfigFile, namedConfigFile } from '../../../config/discover.ts'
import { runningUser } from '../../../config/found-file.ts'
import { loadConfig } from '../../../config/load-config.ts'
import { configProblems } from '../../../config/problem.ts'
import { errnoOf } from '../../../disk/disk-error.ts'
import { CrosstrailError, hasCode } from '../../../error.ts'
import { cacheFolder } from '../../cache-folder.ts'
import { homeFolder } from '../../home-folder.ts'
import { stateFolder } from '../../state-folder.ts'
import type { ConfigFacts, FileFacts, FolderFacts, SetUpFacts } from './facts.ts'

/**
 * Reads what the environment and the config set up. `configFile` is the value of `--config`. It makes and removes one folder in the folder for
 * temporary files, and changes nothing else.
 */
export function readSetUp(env: Environment, configFile: string | undefined): SetUpFacts {
  const home = homeFolder()
  return {
    env,
    certificates: ['AWS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'].flatMap((variable) => certificateFile(variable, env)),
    folders: [
      tempFolderFacts(home),
      folderFacts('state', stateFolder(env), home),
      folderFacts(
        'cache',
        orNone(() => cacheFolder(env, home), 'config.no-home'),
        home,
      ),
    ],
    config: readConfigFacts(env, configFile, home),
  }
}

function certificateFile(variable: string, env: Environment): FileFacts[] {
  const file = env[variable]
  if (!file) return []
  // It is not read: a pipe would block, and a device may have no end.
  const errno = errnoFrom(() => accessSync(file, constants.R_OK))
  return [{ variable, errno: errno ?? (statSync(file).isDirectory() ? 'EISDIR' : undefined) }]
}

function tempFolderFacts(home: string | undefined): FolderFacts {
  const folder = tmpdir()
  const errno = errnoFrom(() => rmdirSync(mkdtempSync(path.join(folder, 'crosstrail-self-'))))
  return { ...folderFacts('temp', folder, home), errno }
}

/** Checks the folder, or the nearest one above it, because crosstrail makes it when it first needs it. */
function folderFacts(name: FolderFacts['name'], folder: string | undefined, home: string | undefined): FolderFacts {
  if (folder === undefined) return { name, path: undefined, exists: false, errno: undefined, freeBytes: undefined }
  let nearest = folder
  while (errnoFrom(() => statSync(nearest)) === 'ENOENT' && path.dirname(nearest) !== nearest) {
    nearest = path.dirname(nearest)
  }
  const errno = errnoFrom(() => accessSync(nearest, constants.W_OK | constants.X_OK))
  return { name, path: withoutHome(folder, home), exists: nearest === folder, errno, freeBytes: freeBytes(nearest) }
}

function freeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return undefined
  }
}

function readConfigFacts(env: Environment, flag: string | undefined, home: string | undefined): ConfigFacts {
  const looking = { flag, env, cwd: process.cwd(), home }
  const named = namedConfigFile(looking)
  const file = named ?? orNone(() => foundConfigFile(looking), 'config.not-found')
  if (file === undefined) return { ...noConfig, found: undefined }
  const found =
    flag !== undefined
      ? 'by --config'
      : named !== undefined
        ? 'by CROSSTRAIL_CONFIG'
        : path.dirname(file) === process.cwd()
          ? 'in the current folder'
          : 'in the config folder'
  const about = { ...noConfig, ...ownership(file), path: withoutHome(file, home), found } as const
  try {
    const { accounts } = loadConfig({ file: flag, env, cwd: process.cwd(), homeDir: home })
    const unusable = accounts.filter((account) => account.unusable !== undefined).length
    return { ...about, accounts: accounts.length, unusable }
  } catch (error) {
    if (!(error instanceof CrosstrailError)) throw error
    const errors = configProblems(error).length
    return { ...about, problem: error.code, errors: errors === 0 ? undefined : errors }
  }
}

const noConfig = {
  path: undefined,
  mode: undefined,
  owner: undefined,
  accounts: undefined,
  unusable: undefined,
  problem: undefined,
  errors: undefined,
} as const

/** Empty on Windows, where files have no such owner and mode, and if the file cannot be inspected. */
function ownership(file: string): Partial<Pick<ConfigFacts, 'mode' | 'owner'>> {
  const user = runningUser()
  if (user === undefined) return {}
  try {
    const { uid, mode } = statSync(file)
    const owner = uid === user.uid ? 'you' : uid === 0 ? 'root' : 'another user'
    return { owner, mode: (mode & 0o777).toString(8).padStart(4, '0') }
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return {}
  }
}

/** The home folder has the name of its user. */
function withoutHome(place: string, home: string | undefined): string {
  if (home === undefined) return place
  const relative = path.relative(home, place)
  if (relative === '') return '~'
  return relative.startsWith('..') || path.isAbsolute(relative) ? place : path.join('~', relative)
}

function orNone(find: () => string, code: 'config.not-found' | 'config.no-home'): string | undefined {
  try {
    return find()
  } catch (error) {
    if (hasCode(error, code)) return undefined
    throw error
  }
}

/** Returns the errno of a failed call, or undefined if it did not fail. */
function errnoFrom(act: () => unknown): string | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    const errno = errnoOf(error)
    if (errno === undefined) throw error
    return errno
  }
}
