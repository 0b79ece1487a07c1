import type { Stats } from 'node:fs'
import { win32 } from 'node:path'

import { CrosstrailError } from '../error.ts'
import { showText } from './show.ts'

export interface RunningUser {
  readonly uid: number
  readonly gid: number
}

/** Returns undefined on Windows, where files have no such owner. */
export function runningUser(): RunningUser | undefined {
  const [uid, gid] = [process.geteuid?.(), process.getegid?.()]
  return uid === undefined || gid === undefined ? undefined : { uid, gid }
}

/**
 * Refuses a config that was found, not named, if somebody else may have written it: a config can run commands.
 *
 * | the file | |
 * | --- | --- |
 * | belongs to the user or to root | accepted |
 * | belongs to anybody else | refused |
 * | can be written by everybody | refused |
 * | can be written by the user's own group | accepted: many systems have such a umask, and the group has one member |
 * | can be written by another group | refused |
 *
 * On Windows a file has no such owner. There a file in the current folder is refused, and one in the user's own config folder is accepted.
 *
 * Throws `config.untrusted`. `name` is the name that the user would give to `--config`: a relative one in the current folder.
 */
export function demandTrusted(
  name: string,
  stats: Pick<Stats, 'uid' | 'gid' | 'mode'>,
  user: RunningUser | undefined,
): void {
  const why = user === undefined ? distrustOnWindows(name) : distrust(stats, user)
  if (why === undefined) return
  const asOption = /^[\w./@+-]+$/.test(name) ? `--config ${name}` : '--config'
  throw new CrosstrailError('config.untrusted', `the config ${showText(name)} was found, not named, and ${why}`, {
    hint: `a config can run commands: read it, then name it with ${asOption} if you trust it, or make sure that only you own and can write it`,
    facts: { file: name, uid: stats.uid, gid: stats.gid, mode: (stats.mode & 0o777).toString(8).padStart(4, '0') },
  })
}

function distrustOnWindows(name: string): string | undefined {
  return win32.isAbsolute(name) ? undefined : 'this system does not say who owns it'
}

function distrust({ uid, gid, mode }: Pick<Stats, 'uid' | 'gid' | 'mode'>, user: RunningUser): string | undefined {
  if (uid !== 0 && uid !== user.uid) return `belongs to another user (uid ${uid}; this process runs as uid ${user.uid})`
  if ((mode & 0o002) !== 0) return 'everybody can write it'
  if ((mode & 0o020) !== 0 && gid !== user.gid) return `a group other than yours can write it (gid ${gid})`
  return undefined
}
