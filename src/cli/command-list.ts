import type { Command } from './command.ts'
import { accounts } from './commands/accounts.ts'
import { completion } from './commands/completion.ts'
import { copy } from './commands/copy.ts'
import { creds } from './commands/creds.ts'
import { deleteLogs } from './commands/delete.ts'
import { doctorCommand } from './commands/doctor.ts'
import { download } from './commands/download.ts'
import { events } from './commands/events.ts'
import { exec } from './commands/exec.ts'
import { fleet } from './commands/fleet.ts'
import { helpCommand } from './commands/help.ts'
import { init } from './commands/init.ts'
import { lab } from './commands/lab.ts'
import { list } from './commands/list.ts'
import { merge } from './commands/merge.ts'
import { policy } from './commands/policy.ts'
import { pull } from './commands/pull.ts'
import { report } from './commands/report.ts'
import { restore } from './commands/restore.ts'
import { verify } from './commands/verify.ts'
import { versionCommand } from './commands/version.ts'
import { worker } from './commands/worker.ts'

export const commandList: readonly Command[] = [
  init,
  accounts,
  doctorCommand(() => commandList),
  policy,
  creds,
  exec,
  list,
  download,
  copy,
  deleteLogs,
  restore,
  pull,
  verify,
  events,
  report,
  merge,
  fleet,
  worker,
  lab,
  completion,
  helpCommand(() => commandList),
  versionCommand,
]
