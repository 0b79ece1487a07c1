import type { GivenArguments, OptionSet } from './option.ts'
import { argumentNames } from './read-options.ts'
import { shellWord } from '../trail/shell-word.ts'

/**
 * Returns a command to paste into a shell: `words`, and the typed options that are in `kept`. Environment variables are not repeated,
 * because they also apply to the next command.
 */
export function suggestedCommand(words: readonly string[], typed: GivenArguments, kept: OptionSet): string {
  const options = Object.entries(kept).flatMap(([name, option]) =>
    argumentNames(name, option).flatMap((alias) =>
      // An MFA code is valid only once
      name === 'mfa-code' ? [] : optionWords(alias, option.shape === 'flag', typed.get(alias) ?? []),
    ),
  )
  return ['crosstrail', ...words, ...options].map(shellWord).join(' ')
}

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
