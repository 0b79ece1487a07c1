import type { Verb as Allowed } from '../config/config.ts'
import { copyRights } from './copy/options.ts'
import { deleteRights } from './delete/options.ts'
import { downloadRights } from './download/options.ts'
import { listRights } from './list/options.ts'
import type { Rights } from './rights.ts'
import { verifyRights } from './verify/options.ts'

/** Returns the rights of several verbs together, without those that only some options need. `target` is where copies go. */
export function rightsOf(verbs: readonly Allowed[], target: Rights['target']): Rights {
  const byVerb: Readonly<Record<Allowed, () => Rights>> = {
    list: () => listRights,
    download: () => downloadRights,
    copy: () => copyRights({ target }),
    verify: () => verifyRights({ keysFile: undefined }),
    delete: () => deleteRights({ versions: false, bypassGovernance: false }),
  }
  const needs = new Set(verbs.flatMap((verb) => byVerb[verb]().needs))
  return { allow: verbs.length === 0 ? ['list'] : verbs, needs: needs.size === 0 ? ['list'] : [...needs], target }
}
