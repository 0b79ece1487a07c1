import { readdirSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { CrosstrailError } from '../../error.ts'
import { type AccountId, isAccountId } from '../../trail/account-id.ts'
import { type Kind, kindOfFolder } from '../../trail/kind.ts'
import { isRegion } from '../../trail/region.ts'
import { demandPaths, findRoots, joined, stateFolder } from '../../work/folder-roots.ts'
import { unreadableFile } from '../../work/unreadable-file.ts'

/** The folder of one log account, kind and region in a mirror. */
export interface MirrorFolder {
  readonly path: string
  /** The path below the folder that the user named, but at least `ACCOUNT/…`. */
  readonly inMirror: string
  readonly logAccount: AccountId
  readonly kind: Kind
  readonly region: string
}

/** `[bucket/][prefix/…]AWSLogs/o-…/ACCOUNT`: deeper folders are not searched for accounts. */
const mostLevels = 12

/**
 * Finds the folders of logs and digests in mirrors: `…/ACCOUNT/CloudTrail…/REGION`, as in the bucket. Throws `usage.not-a-mirror`,
 * `usage.unreadable-file` for one that does not exist, and `object.unreadable` for a folder that cannot be read.
 */
export function findMirrorFolders(dirs: readonly string[]): MirrorFolder[] {
  demandPaths(dirs, mirrorHint)
  return findRoots(dirs).flatMap(({ path, stats }) => {
    if (!stats.isDirectory()) throw notAMirror(path, `${path} is not a folder`)
    const found = accountsBelow(path, '', mostLevels)
    if (found.length > 0) return found
    const isEmpty = folders(path).length === 0 && readdirSync(path).length === 0
    const why = isEmpty
      ? `${path} is empty`
      : `${path} is no mirror of a trail's bucket: no folder in it is named as the bucket names them, …/<account>/CloudTrail-Digest/<region>`
    throw notAMirror(path, why)
  })
}

const mirrorHint = 'name a folder that download (with --layout key, the default), pull or aws s3 sync filled'

/** Returns a function that says where in its mirror a log or digest is: its path below the folder that the user named. */
export function pathsInMirror(found: readonly MirrorFolder[]): (path: string) => string {
  const inMirrors = new Map(found.map(({ path, inMirror }) => [path, inMirror]))
  return (path) => {
    // The year, the month, the day and the name.
    const below = path.split('/').slice(-4).join('/')
    const inMirror = inMirrors.get(path.slice(0, -below.length - 1))
    if (inMirror === undefined) throw new Error(`${path} is in no mirror`)
    return `${inMirror}/${below}`
  }
}

function notAMirror(path: string, message: string): CrosstrailError {
  return new CrosstrailError('usage.not-a-mirror', message, { hint: mirrorHint, facts: { path } })
}

/** `inMirror` is the path of the folder in the mirror, which is empty for the mirror itself. */
function accountsBelow(path: string, inMirror: string, levels: number): MirrorFolder[] {
  const name = basename(resolve(path))
  if (isAccountId(name)) {
    // The last seven names of a path tell a log apart, and a path like `.` would have fewer.
    const whole = basename(path) === name ? path : resolve(path)
    const found = foldersOfAccount(whole, inMirror === '' ? name : inMirror, name)
    if (found.length > 0) return found
  }
  if (levels === 0) return []
  return folders(path)
    .filter((folder) => folder !== stateFolder)
    .flatMap((folder) =>
      accountsBelow(joined(path, folder), inMirror === '' ? folder : `${inMirror}/${folder}`, levels - 1),
    )
}

function foldersOfAccount(path: string, inMirror: string, logAccount: AccountId): MirrorFolder[] {
  return folders(path).flatMap((folder) => {
    const kind = kindOfFolder(folder)
    if (kind === undefined) return []
    const kindPath = joined(path, folder)
    return folders(kindPath)
      .filter(isRegion)
      .map((region) => ({
        path: joined(kindPath, region),
        inMirror: `${inMirror}/${folder}/${region}`,
        logAccount,
        kind,
        region,
      }))
  })
}

/** The names of the folders in a folder, sorted. A link to a folder is not followed, because it may lead back up. */
function folders(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .toSorted()
  } catch (error) {
    throw unreadableFile(path, error)
  }
}
