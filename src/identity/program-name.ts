/**
 * The program of a command line as it may be shown: its file's name where the first word is plainly a path, else `…`. Whatever else
 * stands there may be a secret: `TOKEN=… get-keys`, `https://user:password@host/keys`.
 */
export function programName(command: string): string {
  const word = /^\s*(\S*)/.exec(command)?.[1] ?? ''
  return plainPath.test(word) ? (word.split(/[\\/]/).at(-1) ?? '…') : '…'
}

/** A colon belongs to a drive letter alone: elsewhere it parts a name from its password, or a scheme from its host. */
const plainPath = /^(?:[A-Za-z]:[\\/])?[\w./\\+-]*[\w.+-]$/
