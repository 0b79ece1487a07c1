import { accountsByLabel } from '../config/account-labels.ts'
import type { Account, Config } from '../config/config.ts'
import { CrosstrailError } from '../error.ts'
import type { Session } from '../identity/session.ts'
import { isArchived } from '../sinks/archived.ts'
import { refuseDatasetAmongLogs } from '../sinks/bucket/destination.ts'
import type { TargetSide } from '../sinks/bucket/sides.ts'
import { openGoal, type OpenGoal } from './copy/open-goal.ts'
import { type CopyGoal, storeRights } from './copy/options.ts'
import type { Host } from './host.ts'

export interface OpenDatasetGoal extends OpenGoal {
  /** Notes that a session that reads is open. If its account also writes, it does so with this session. */
  readonly opened: (label: string, session: Session) => void
  /** Returns the bucket through the session that writes. */
  readonly openSide: () => Promise<TargetSide>
}

/**
 * Opens the bucket of a dataset. Events of several accounts come to the same files, so one session writes them all: that of `toAccount`, or
 * that of the only account that reads. Throws as `openGoal`, `usage.missing-option` if several accounts read and none is named to write, and
 * `usage.conflict` for a storage class that cannot be read at once.
 */
export function openDatasetGoal(host: Host, goal: CopyGoal, labels: readonly string[]): OpenDatasetGoal {
  refuseArchive(goal)
  const opened = openGoal(host, goal, refuseDatasetAmongLogs)
  const writer = writerOf(host.config, goal, labels)
  const { to, ends } = opened
  const openSide = async (): Promise<TargetSide> => {
    const known = ends.targetOf(writer.label)
    if (known !== undefined) return known
    // Its session could not be opened for reading, or nothing is read from the bucket.
    ends.writeWith(await host.session(writer, storeRights(to), 'all'))
    return openSide()
  }
  return {
    ...opened,
    openSide,
    opened(label, session) {
      if (goal.toAccount === undefined && label === writer.label) ends.writeWith(session)
    },
  }
}

function writerOf(config: Config, { toAccount }: CopyGoal, labels: readonly string[]): Account {
  const accounts = accountsByLabel(config, toAccount === undefined ? labels : [toAccount])
  const [writer] = accounts
  if (writer !== undefined && accounts.length === 1) return writer
  throw new CrosstrailError(
    'usage.missing-option',
    'a dataset in a bucket is written by one account, and several are selected',
    {
      hint: 'name the account whose role writes it with --to-account, or select one account',
      facts: { option: '--to-account', accounts: accounts.map(({ label }) => label).join() },
    },
  )
}

function refuseArchive({ storage: { storageClass = 'STANDARD' } }: CopyGoal): void {
  if (!isArchived({ storageClass })) return
  const message = `the files of a dataset must be readable, and ${storageClass} needs a restore first`
  throw new CrosstrailError('usage.conflict', message, {
    hint: 'use another storage class, for example GLACIER_IR',
    facts: { storageClass },
  })
}
