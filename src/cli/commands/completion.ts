import { completionScript, shellFor, shells } from '../completion-scripts.ts'
import { command } from '../command.ts'
import { oneOf } from '../parse-text.ts'
import { printText } from '../print-text.ts'

const examples = [
  { does: 'In bash, for good', line: 'crosstrail completion bash >> ~/.bashrc' },
  { does: 'In zsh, for good', line: 'crosstrail completion zsh >> ~/.zshrc' },
  { does: 'In fish, for good', line: 'crosstrail completion fish > ~/.config/fish/completions/crosstrail.fish' },
]

export const completion = command({
  name: 'completion',
  summary: 'Print a script that completes commands, options, their values and accounts in the shell',
  notes: ['Without a name, the script is for the shell that SHELL names.'],
  examples,
  positionals: {
    usage: '[bash|zsh|fish]',
    description: 'The shell that the script is for',
    max: 1,
    complete: { words: shells },
  },
  options: {},

  check(_values, [name]) {
    return { shell: name === undefined ? undefined : oneOf(shells)(name, 'the shell') }
  },

  run({ shell }, { env, stdout }) {
    return printText(stdout, completionScript(shellFor(shell, env)))
  },
})
