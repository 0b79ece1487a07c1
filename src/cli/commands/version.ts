import { command } from '../command.ts'
import { printText } from '../print-text.ts'
import { version } from '../../config/own-version.ts'

export const versionCommand = command({
  name: 'version',
  summary: 'Print the version',
  notes: ['crosstrail --version and crosstrail -V print the same.'],
  examples: [{ does: 'Print the version of crosstrail', line: 'crosstrail version' }],
  options: {},

  check() {
    return undefined
  },

  run(_args, { stdout }) {
    return printText(stdout, version())
  },
})
