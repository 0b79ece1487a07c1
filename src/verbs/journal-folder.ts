import { CrosstrailError } from '../error.ts'
import type { Environment } from '../config/environment.ts'
import { folderPath } from '../config/place-text.ts'
import { stateFolder } from './state-folder.ts'

/** Returns where journals and default plans go: the named folder, or else the user's state folder. Throws `usage.missing-option`. */
export function journalFolder(named: string | undefined, env: Environment): string {
  const folder = named === undefined ? stateFolder(env) : folderPath()(named, 'journalDir')
  if (folder !== undefined) return folder
  throw new CrosstrailError('usage.missing-option', 'there is no home folder to keep the journal in', {
    hint: 'pass --journal-dir <folder>, or set HOME or XDG_STATE_HOME',
    facts: { option: '--journal-dir' },
  })
}
