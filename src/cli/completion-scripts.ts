import { CrosstrailError } from '../error.ts'
import type { Environment } from '../config/environment.ts'

export const shells = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof shells)[number]

/** The first argument of a call by a script. Then come the shell and the typed words, up to the word under the cursor. */
export const completionArgument = '--complete'

/** Returns `named`, else the shell in `SHELL`. Throws `usage.missing-argument` if there is no script for it. */
export function shellFor(named: Shell | undefined, env: Environment): Shell {
  const shell = named ?? shells.find((name) => name === env['SHELL']?.split(/[\\/]/).at(-1))
  if (shell !== undefined) return shell
  throw new CrosstrailError(
    'usage.missing-argument',
    'completion needs the name of a shell, because SHELL is not bash, zsh or fish',
    {
      hint: `write one of ${shells.map((name) => `crosstrail completion ${name}`).join(', ')}`,
      facts: { command: 'completion' },
    },
  )
}

export function completionScript(shell: Shell): string {
  return scripts[shell].trim()
}

// `COMPREPLY=($(…))` instead of `mapfile`, because macOS has bash 3.2
const bash = `
# Completes crosstrail in bash. To enable it permanently: crosstrail completion bash >> ~/.bashrc
_crosstrail_completions() {
  local IFS=$'\\n'
  COMPREPLY=($(crosstrail ${completionArgument} bash "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o bashdefault -o default -F _crosstrail_completions crosstrail
`

const zsh = `
#compdef crosstrail
# Completes crosstrail in zsh. To enable it permanently: crosstrail completion zsh >> ~/.zshrc
_crosstrail_completions() {
  local -a candidates
  candidates=("\${(@f)$(crosstrail ${completionArgument} zsh "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${candidates[1]}" ]]; then
    _describe 'crosstrail' candidates
  else
    _default
  fi
}
if [[ "\${zsh_eval_context[-1]}" == "loadautofunc" ]]; then
  _crosstrail_completions "$@"
else
  compdef _crosstrail_completions crosstrail
fi
`

// `(commandline -ct)` also gives an empty word, and `-opc` only the words before the cursor
const fish = `
# Completes crosstrail in fish. To enable it permanently: crosstrail completion fish > ~/.config/fish/completions/crosstrail.fish
function __crosstrail_completions
  set -l candidates (crosstrail ${completionArgument} fish (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)
  if test (count $candidates) -gt 0
    printf '%s\\n' $candidates
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -f -c crosstrail -a '(__crosstrail_completions)'
`

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish }
