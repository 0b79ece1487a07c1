import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lockClosure, type LockedPackage, type LockedPackages } from './lock-closure.ts'

interface Component {
  readonly 'bom-ref': string
  readonly licenses?: readonly {
    readonly license?: { readonly id?: string; readonly name?: string }
    readonly expression?: string
  }[]
}

interface Bom {
  readonly serialNumber: string
  readonly metadata: { readonly timestamp: string; readonly component: Component }
  readonly components: readonly Component[]
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly description?: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** Where the SBOM and the executables of a release are written, relative to the root of the project. */
export const releaseFolder = 'dist-release'

/** Returns the name of the SBOM of a version. */
export function sbomName(version: string): string {
  return `crosstrail-${version}.cdx.json`
}

/** What an SBOM lists. */
export interface SbomScope {
  /** Packages that users install beside crosstrail. Default: none */
  readonly beside?: readonly string[]
  /** Only packages for Linux with this processor, and none that crosstrail can do without. Default: all platforms, and all packages */
  readonly linuxImage?: string
}

/**
 * Returns a CycloneDX SBOM of what `npm install crosstrail` installs, or what an image has, as JSON. It needs the lock file and no network.
 * The same lock file gives the same text, so the time and the random serial number are left out. Throws if npm fails or leaves out a package.
 */
export function sbomText(root: string, scope: SbomScope = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-sbom-'))
  try {
    const { name, refs } = writeProject(root, folder, scope)
    const args = [
      'sbom',
      '--offline',
      '--package-lock-only',
      '--sbom-format',
      'cyclonedx',
      '--sbom-type',
      'application',
    ]
    const text = execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    const { serialNumber: _, ...bom } = JSON.parse(text) as Bom
    const { timestamp: __, ...metadata } = bom.metadata
    const listed = new Set(bom.components.map((component) => component['bom-ref']))
    const missing = refs.filter((ref) => !listed.has(ref))
    if (missing.length > 0) throw new Error(`npm sbom left out ${missing.join(', ')}`)
    // npm takes the name from the folder.
    const component = { ...metadata.component, name }
    return `${JSON.stringify({ ...bom, metadata: { ...metadata, component } }, undefined, 2)}\n`
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Returns the components of an SBOM whose license is not in `allowed`. */
export function foreignLicenses(text: string, allowed: ReadonlySet<string>): string[] {
  return (JSON.parse(text) as Bom).components.flatMap(({ 'bom-ref': ref, licenses = [] }) => {
    const names = licenses.map(({ license, expression }) => license?.id ?? license?.name ?? expression ?? 'none')
    return names.length > 0 && names.every((name) => allowed.has(name)) ? [] : [`${ref}: ${names.join(', ') || 'none'}`]
  })
}

/**
 * Writes a manifest and a lock file with the packages of the scope alone. `npm sbom --omit dev` is not enough: it also leaves out each package
 * that both users and developers need.
 */
function writeProject(
  root: string,
  folder: string,
  { beside = [], linuxImage }: SbomScope,
): { readonly name: string; readonly refs: readonly string[] } {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
  const { packages, ...lock } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: LockedPackages
  }
  const { name, version, description, license, dependencies, optionalDependencies, peerDependencies } = manifest
  const unknown = beside.filter((one) => peerDependencies?.[one] === undefined)
  if (unknown.length > 0) throw new Error(`${unknown.join(', ')}: no optional package of crosstrail`)
  const needed = { ...dependencies, ...Object.fromEntries(beside.map((one) => [one, peerDependencies?.[one] ?? ''])) }
  const optional = linuxImage === undefined ? optionalDependencies : undefined
  const isWanted = ({ os = ['linux'], cpu = [linuxImage ?? ''], libc = ['glibc'] }: LockedPackage) =>
    linuxImage === undefined || (os.includes('linux') && cpu.includes(linuxImage) && libc.includes('glibc'))
  const paths = lockClosure(packages, Object.keys({ ...needed, ...optional }), isWanted)
  const own = { name, version, description, license, dependencies: needed, optionalDependencies: optional }
  const used = Object.fromEntries(paths.map((path) => [path, packages[path]]))
  writeFileSync(join(folder, 'package.json'), JSON.stringify(own))
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ ...lock, packages: { '': own, ...used } }))
  const refs = paths.map((path) => `${path.replace(/^.*node_modules\//, '')}@${packages[path]?.version}`)
  return { name, refs }
}

/** Returns the parts of a text that name a path or a server of the machine that wrote it. */
export function machineNames(text: string): string[] {
  const paths = /file:[^"\s]*|(?<=")\/(?:home|opt|private|root|srv|tmp|usr|var|work|Users)\/[^"]*|\b[A-Z]:\\\\[^"]*/g
  const servers = /https?:\/\/(?:localhost|127\.|10\.|192\.168\.)[^"\s]*/g
  return [...(text.match(paths) ?? []), ...(text.match(servers) ?? [])]
}
