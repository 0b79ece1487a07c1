/**
 * Returns the program of a command line so that it can be shown: the file name if the first word is clearly a path, else `…`. Anything
 * else may be a secret: `TOKEN=… get-keys`, `https://user:password@host/keys`.
 */
export function programName(command: string): string {
  const word = /^\s*(\S*)/.exec(command)?.[1] ?? ''
  return plainPath.test(word) ? (word.split(/[\\/]/).at(-1) ?? '…') : '…'
}

/** A colon is allowed only after a drive letter. Elsewhere it may separate a name from a password, or a scheme from a host. */
const plainPath = /^(?:[A-Za-z]:[\\/])?[\w./\\+-]*[\w.+-]$/
