import type { Command } from './command.ts'
import { accounts } from './commands/accounts.ts'
import { completion } from './commands/completion.ts'
import { download } from './commands/download.ts'
import { lab } from './commands/lab.ts'
import { list } from './commands/list.ts'

/** Every command, in the order of the help. */
export const commandList: readonly Command[] = [accounts, list, download, lab, completion]
