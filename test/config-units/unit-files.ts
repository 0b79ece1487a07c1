import { resolve } from 'node:path'
import type { Environment } from '../../src/config/environment.ts'
import { commandList } from '../../src/cli/command-list.ts'
import { parseArguments } from '../../src/cli/parser.ts'
import { refuseExtraPositionals } from '../../src/cli/positionals.ts'
import { readOptions } from '../../src/cli/read-options.ts'

/** The folder with the files that a user copies. */
export const unitsFolder = resolve(import.meta.dirname, '../../config')

/** Returns why crosstrail refuses a command line, without the name of the program; undefined if it would run. */
export async function refuseLine(argv: readonly string[], env: Environment = {}): Promise<string | undefined> {
  try {
    const { commandName, positionals, given } = await parseArguments(argv, commandList)
    const command = commandList.find(({ name }) => name === commandName)
    if (command === undefined) return `no command ${String(commandName)}`
    refuseExtraPositionals(command, positionals)
    command.check(readOptions(command.options, given, env), positionals, Date.now())
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
