import { completionScript, shellFor, shells } from '../completion-scripts.ts'
import { command } from '../command.ts'
import { oneOf } from '../parse-text.ts'
import { printText } from '../print-text.ts'

const examples = [
  { does: 'Enable completion in bash permanently', line: 'crosstrail completion bash >> ~/.bashrc' },
  { does: 'Enable completion in zsh permanently', line: 'crosstrail completion zsh >> ~/.zshrc' },
  {
    does: 'Enable completion in fish permanently',
    line: 'crosstrail completion fish > ~/.config/fish/completions/crosstrail.fish',
  },
]

export const completion = command({
  name: 'completion',
  summary: 'Print a script that completes commands, options, their values and accounts in the shell',
  notes: ['Without an argument, the script is for the shell in the variable SHELL.'],
  examples,
  positionals: {
    usage: '[bash|zsh|fish]',
    description: 'The shell of the script. Default: the shell in SHELL',
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
