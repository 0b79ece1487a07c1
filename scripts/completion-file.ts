import type { Shell } from '../src/cli/completion-scripts.ts'

/** The name by which each shell finds the file in its folder of completions. */
export function completionFile(shell: Shell): string {
  return shell === 'zsh' ? '_crosstrail' : `crosstrail.${shell}`
}
