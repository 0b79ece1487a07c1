import { withCrosstrail } from './access-args.ts'
import type { Command, Runtime } from './command.ts'
import { bashWords, complete, completionLines } from './complete.ts'
import { type Shell, shells } from './completion-scripts.ts'
import { exitCodes } from './exit-code.ts'
import { readOffline, configOptions } from './options/aws.ts'
import { printText } from './print-text.ts'
import { readOptions } from './read-options.ts'

/** Prints the candidates for the last word, for the completion script of a shell. Returns the exit code. */
export async function completeTyped(
  [name, ...handed]: readonly string[],
  commands: readonly Command[],
  runtime: Runtime,
): Promise<number> {
  const shell: Shell = shells.find((candidate) => candidate === name) ?? 'bash'
  const { words, replaced } = shell === 'bash' ? bashWords(handed) : { words: handed, replaced: '' }
  const candidates = await complete(words, commands, {
    // If the config cannot be read, no accounts are offered: a shell cannot show an error during completion
    accounts: () => labelsOfConfig(words, runtime).catch(() => []),
    regions: async () => (await import('../s3/known-regions.ts')).knownRegions(),
  })
  if (candidates.length === 0) return exitCodes.ok
  const own = candidates.map(({ word, description }) => ({ word: word.slice(replaced.length), description }))
  return printText(runtime.stdout, completionLines(own, shell).join('\n'))
}

async function labelsOfConfig(words: readonly string[], runtime: Runtime): Promise<string[]> {
  const args = readOffline(readOptions(configOptions, namedConfig(words), runtime.env))
  return withCrosstrail(args, runtime, async ({ config }) => config.accounts.map(({ label }) => label))
}

function namedConfig(words: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const files = words.flatMap((word, at) => {
    if (word.startsWith('--config=')) return [word.slice('--config='.length)]
    return words[at - 1] === '--config' ? [word] : []
  })
  return new Map(files.length === 0 ? [] : [['config', files.slice(-1)]])
}
