import type { Command } from '../command.ts'
import { exitCodes } from '../exit-code.ts'

const examples = [
  { does: 'In bash, for good', line: 'crosstrail completion >> ~/.bashrc' },
  { does: 'In zsh, for good', line: 'crosstrail completion >> ~/.zshrc' },
]

export const completion: Command<Record<string, never>, undefined> = {
  name: 'completion',
  summary: 'Print a script that completes commands, options and accounts in the shell',
  notes: ['The script is for the shell that SHELL names: bash, zsh or fish.'],
  examples,
  options: {},

  check() {
    return undefined
  },

  async run(_args, { stdout }) {
    const { completionScript } = await import('../parser.ts')
    const { LineWriter } = await import('../render/line-writer.ts')
    const writer = new LineWriter(stdout)
    writer.write((await completionScript('crosstrail')).trimEnd())
    await writer.flush()
    return exitCodes.ok
  },
}
