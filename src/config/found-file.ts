import type { Stats } from 'node:fs'

import { CrosstrailError } from '../error.ts'
import { showText } from './show.ts'

/** Who runs this process, and with which group. */
export interface RunningUser {
  readonly uid: number
  readonly gid: number
}

/** Undefined on Windows, where files have no owner of this kind. */
export function runningUser(): RunningUser | undefined {
  const [uid, gid] = [process.geteuid?.(), process.getegid?.()]
  return uid === undefined || gid === undefined ? undefined : { uid, gid }
}

/**
 * Refuses a config that was found, not named, where somebody else may have written it: a config can run commands.
 *
 * | the file | |
 * | --- | --- |
 * | belongs to the user or to root | fine |
 * | belongs to anybody else | refused |
 * | can be written by everybody | refused |
 * | can be written by the user's own group | fine: the umask of many systems makes such files, and the group has one member |
 * | can be written by another group | refused |
 *
 * Throws `config.untrusted`. `name` is how the user would name the file.
 */
export function demandTrusted(
  name: string,
  stats: Pick<Stats, 'uid' | 'gid' | 'mode'>,
  user: RunningUser | undefined,
): void {
  const why = user && distrust(stats, user)
  if (why === undefined) return
  const asOption = /^[\w./@+-]+$/.test(name) ? `--config ${name}` : '--config'
  throw new CrosstrailError('config.untrusted', `the config ${showText(name)} was found and not named, and ${why}`, {
    hint: `a config can run commands: read it, and name it with ${asOption} if you trust it; or make it yours, and writable by you alone`,
    facts: { file: name, uid: stats.uid, gid: stats.gid, mode: (stats.mode & 0o777).toString(8).padStart(4, '0') },
  })
}

function distrust({ uid, gid, mode }: Pick<Stats, 'uid' | 'gid' | 'mode'>, user: RunningUser): string | undefined {
  if (uid !== 0 && uid !== user.uid) return `belongs to another user (uid ${uid}; this process runs as uid ${user.uid})`
  if ((mode & 0o002) !== 0) return 'everybody can write it'
  if ((mode & 0o020) !== 0 && gid !== user.gid) return `another group than yours can write it (gid ${gid})`
  return undefined
}
