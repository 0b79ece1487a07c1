export type HowInstalled = 'npm' | 'executable'

const mark = Symbol.for('crosstrail.executable')

/** The loader of the executable calls this first, in each thread. A program that uses the library can be an executable of its own. */
export function markExecutable(): void {
  Object.defineProperty(globalThis, mark, { value: true })
}

/** Returns `executable` in the single executable, which has Node inside and no packages beside it. */
export function howInstalled(): HowInstalled {
  return mark in globalThis ? 'executable' : 'npm'
}

/** Returns the hint for optional packages that cannot be loaded: how to install them, or which crosstrail can use them. */
export function installHint(packages: readonly string[], how = howInstalled()): string {
  const them = packages.length === 1 ? 'it' : 'them'
  return how === 'npm'
    ? `install ${them} beside crosstrail: npm install ${packages.join(' ')} (with --global if crosstrail was installed with --global)`
    : `the single executable does not have ${them}; the npm package of crosstrail does: use that one`
}
