import type { GivenArguments, OptionSet } from './option.ts'
import { argumentNames } from './read-options.ts'
import { shellWord } from '../trail/shell-word.ts'

/**
 * A command to be copied to a shell: `words`, and of what was typed the options that `kept` has. What comes from environment variables is not
 * repeated: it holds for the next command too.
 */
export function suggestedCommand(words: readonly string[], typed: GivenArguments, kept: OptionSet): string {
  const options = Object.entries(kept).flatMap(([name, option]) =>
    argumentNames(name, option).flatMap((alias) =>
      // A code counts once.
      name === 'mfa-code' ? [] : optionWords(alias, option.shape === 'flag', typed.get(alias) ?? []),
    ),
  )
  return ['crosstrail', ...words, ...options].map(shellWord).join(' ')
}

/** The same where only the config that is named matters. */
export function commandWithConfig(words: readonly string[], config: string | undefined): string {
  return ['crosstrail', ...words, ...(config === undefined ? [] : optionWords('config', false, [config]))]
    .map(shellWord)
    .join(' ')
}

function optionWords(name: string, isFlag: boolean, texts: readonly string[]): string[] {
  if (!isFlag) return texts.flatMap((text) => (text.startsWith('-') ? [`--${name}=${text}`] : [`--${name}`, text]))
  const last = texts.at(-1)
  if (last === undefined) return []
  return [last === 'true' ? `--${name}` : `--${name}=false`]
}
