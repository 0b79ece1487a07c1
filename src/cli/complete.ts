import type { Command } from './command.ts'
import type { Shell } from './completion-scripts.ts'
import type { OptionAbout } from './option.ts'
import { argumentNames, dashed } from './read-options.ts'

export interface Candidate {
  readonly word: string
  readonly description?: string | undefined
}

/** Values that only a run can know. Completion loads them only if it offers them. */
export interface NameSources {
  readonly accounts: () => Promise<readonly string[]>
  readonly regions: () => Promise<readonly string[]>
}

/** Returns the candidates for the last of `words`, which do not include the program's name. None if the shell should offer files. */
export async function complete(
  words: readonly string[],
  commands: readonly Command[],
  names: NameSources,
): Promise<readonly Candidate[]> {
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  // After `--` comes the command line of another program
  if (before.includes('--')) return []
  const command = before.map((word) => commands.find(({ name }) => name === word)).find((found) => found !== undefined)
  const candidates =
    command === undefined
      ? commandCandidates(commands)
      : await candidatesOf(command, before.at(-1) ?? '', current, { commands, names })
  return candidates.filter(({ word }) => word.startsWith(current))
}

/** Candidates as the shell's script reads them: zsh takes the description after a colon, fish after a tab. */
export function completionLines(candidates: readonly Candidate[], shell: Shell): string[] {
  return candidates.map(({ word, description }) => {
    if (shell === 'zsh') {
      const escaped = word.replaceAll(':', '\\:')
      return description === undefined ? escaped : `${escaped}:${description}`
    }
    return shell === 'fish' && description !== undefined ? `${word}\t${description}` : word
  })
}

/**
 * Joins the words that bash passes into the words as typed: bash splits `--output=json` into three. `replaced` is the part of the last
 * word that bash keeps; bash appends the candidate to it.
 */
export function bashWords(handed: readonly string[]): { readonly words: readonly string[]; readonly replaced: string } {
  const words: string[] = []
  for (const [at, word] of handed.entries()) {
    const belongsTo = word === '=' || (handed[at - 1] === '=' && at > 1) ? words.at(-1) : undefined
    if (belongsTo?.startsWith('-') === true) words.splice(-1, 1, belongsTo + word)
    else words.push(word)
  }
  const [last, lastHanded = ''] = [words.at(-1) ?? '', handed.at(-1)]
  const own = lastHanded === '=' ? '' : lastHanded
  return { words, replaced: last.slice(0, last.length - own.length) }
}

interface Known {
  readonly commands: readonly Command[]
  readonly names: NameSources
}

async function candidatesOf(
  command: Command,
  previous: string,
  current: string,
  known: Known,
): Promise<readonly Candidate[]> {
  const [, joined, value] = /^(-[^=]+=)(.*)$/s.exec(current) ?? []
  if (joined !== undefined && value !== undefined) {
    const option = optionWithValue(command, joined.slice(0, -1))
    const candidates = option === undefined ? [] : await valueCandidates(option, value, known)
    return candidates.map(({ word }) => ({ word: `${joined}${word}` }))
  }
  const asked = optionWithValue(command, previous)
  if (asked !== undefined) return valueCandidates(asked, current, known)
  if (current.startsWith('-')) {
    return Object.entries(command.options).map(([name, { description }]) => ({ word: `--${name}`, description }))
  }
  const { words = [], from } = command.positionals?.complete ?? {}
  const named = from === 'commands' ? commandCandidates(known.commands) : await namesFrom(from, known)
  return [...words.map((word) => ({ word })), ...named]
}

function optionWithValue({ options }: Command, argument: string) {
  const found = Object.entries(options).find(([name, option]) =>
    argumentNames(name, option).map(dashed).includes(argument),
  )
  return found?.[1].value === undefined ? undefined : found[1]
}

/** In a list with commas, the value after the last comma is completed. */
async function valueCandidates(
  { choices, complete: from, shape }: OptionAbout & { readonly shape: string },
  typed: string,
  known: Known,
): Promise<readonly Candidate[]> {
  const candidates = choices?.map((word) => ({ word })) ?? (await namesFrom(from, known))
  const listed = shape === 'many' ? typed.slice(0, typed.lastIndexOf(',') + 1) : ''
  return candidates.map(({ word }) => ({ word: `${listed}${word}` }))
}

async function namesFrom(from: keyof NameSources | undefined, { names }: Known): Promise<readonly Candidate[]> {
  return from === undefined ? [] : (await names[from]()).map((word) => ({ word }))
}

function commandCandidates(commands: readonly Command[]): readonly Candidate[] {
  return commands.map(({ name, summary }) => ({ word: name, description: summary }))
}
