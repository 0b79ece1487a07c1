/** What the lock file says of one package. */
export interface LockedPackage {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
}

export type LockedPackages = Readonly<Record<string, LockedPackage>>

/**
 * Returns the paths in a lock file of the named packages and of all that they need, sorted. Packages for which `isWanted` is false, and what
 * only they need, are left out. Throws if the lock file lacks a package that is not optional.
 */
export function lockClosure(
  packages: LockedPackages,
  names: Iterable<string>,
  isWanted: (found: LockedPackage) => boolean,
): string[] {
  const reached = new Set<string>()
  const visit = (name: string, from: string, isOptional: boolean): void => {
    const path = pathOf(packages, name, from)
    const found = path === undefined ? undefined : packages[path]
    if (path === undefined || found === undefined) {
      if (isOptional) return
      throw new Error(`the lock file lacks ${name}, which ${from === '' ? 'crosstrail' : from} needs`)
    }
    if (reached.has(path) || !isWanted(found)) return
    reached.add(path)
    for (const needed of Object.keys(found.dependencies ?? {})) visit(needed, path, false)
    for (const needed of Object.keys({ ...found.optionalDependencies, ...found.peerDependencies })) {
      visit(needed, path, true)
    }
  }
  for (const name of names) visit(name, '', false)
  return [...reached].sort()
}

/** Finds a package as Node does: in the folder of the one that needs it, then in each folder above. */
function pathOf(packages: LockedPackages, name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (path in packages) return path
    if (folder === '') return undefined
  }
}
