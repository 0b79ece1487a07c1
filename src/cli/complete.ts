import type { Command } from './command.ts'
import { argumentNames } from './read-options.ts'

/** A word that may come next, and what it means. */
export interface Candidate {
  readonly word: string
  readonly description?: string | undefined
}

/**
 * The words that may stand where the last of `words` is being typed; the program's name is not among them. None where the shell should
 * offer files.
 */
export async function complete(
  words: readonly string[],
  commands: readonly Command[],
  accountLabels: () => Promise<readonly string[]>,
): Promise<readonly Candidate[]> {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  // Behind `--` stands another program's command line
  if (before.includes('--')) return []
  const command = before.map((word) => commands.find(({ name }) => name === word)).find((found) => found !== undefined)
  if (command === undefined) {
    const all = commands.map(({ name, summary }) => ({ word: name, description: summary }))
    return all.filter(({ word }) => word.startsWith(current))
  }
  const candidates = await candidatesOf(command, before.at(-1) ?? '', current, accountLabels)
  return candidates.filter(({ word }) => word.startsWith(current))
}

/** The words without the program's name: bash and zsh hand it over, whatever it was called as, and a fish script may not. */
export function typedWords(words: readonly string[], shell: string | undefined): readonly string[] {
  const named = words[0]?.split(/[\\/]/).at(-1) === 'crosstrail'
  return shell?.includes('fish') === true && !named ? words : words.slice(1)
}

/** Candidates as the yargs script of the shell reads them: with descriptions behind a colon for zsh, a tab for fish. */
export function completionLines(candidates: readonly Candidate[], shell: string | undefined): string[] {
  return candidates.map(({ word, description }) => {
    if (shell?.includes('zsh') === true) {
      const escaped = word.replaceAll(':', '\\:')
      return description === undefined ? escaped : `${escaped}:${description}`
    }
    return shell?.includes('fish') === true && description !== undefined ? `${word}\t${description}` : word
  })
}

async function candidatesOf(
  command: Command,
  previous: string,
  current: string,
  accountLabels: () => Promise<readonly string[]>,
): Promise<readonly Candidate[]> {
  const options = Object.entries(command.options)
  const asked = options.find(([name, option]) =>
    argumentNames(name, option).some((alias) => previous === `--${alias}`),
  )?.[1]
  if (asked?.value !== undefined) return (asked.choices ?? []).map((word) => ({ word }))
  if (current.startsWith('-')) {
    return options.map(([name, { description }]) => ({ word: `--${name}`, description }))
  }
  const offered = command.positionals?.complete ?? []
  return (offered === 'accounts' ? await accountLabels() : offered).map((word) => ({ word }))
}
