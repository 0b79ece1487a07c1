/** Returns the command as it was typed, for a record that others read: without the code of an MFA device. */
export function recordedCommand(argv: readonly string[]): readonly string[] {
  const secret = '--mfa-code'
  const shown = argv.map((argument, at) => {
    if (argument.startsWith(`${secret}=`)) return `${secret}=****`
    return argv[at - 1] === secret ? '****' : argument
  })
  return ['crosstrail', ...shown]
}
