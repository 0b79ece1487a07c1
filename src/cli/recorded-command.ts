/** What a record shows of the values of these options. */
const shownValues: Readonly<Record<string, (value: string) => string>> = {
  '--mfa-code': () => '****',
  '--timestamp-url': (url) => url.replace(/\?.*/s, '?****'),
}

/** Returns the command as it was typed, for a record that others read. Values that may be secrets are masked. */
export function recordedCommand(argv: readonly string[]): readonly string[] {
  const shown = argv.map((argument, at) => {
    const [, name = '', value = ''] = /^(--[^=]*)=(.*)/s.exec(argument) ?? []
    const masked = shownValues[name]
    if (masked !== undefined) return `${name}=${masked(value)}`
    return shownValues[argv[at - 1] ?? '']?.(argument) ?? argument
  })
  return ['crosstrail', ...shown]
}
