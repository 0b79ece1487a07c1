import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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

type Manifest = { readonly name: string } & Readonly<
  Record<'devDependencies' | 'peerDependencies' | 'peerDependenciesMeta' | 'scripts', unknown>
>

interface Lock {
  readonly packages: Readonly<
    Record<
      string,
      { readonly name?: string; readonly version?: string; readonly dev?: boolean; readonly devOptional?: boolean }
    >
  >
}

/** Where the SBOM and the executables of a release are written, relative to the root of the project. */
export const releaseFolder = 'dist-release'

/** Returns the name of the SBOM of a version. */
export function sbomName(version: string): string {
  return `crosstrail-${version}.cdx.json`
}

/**
 * Returns a CycloneDX SBOM of what `npm install crosstrail` installs, on all platforms, as JSON. It needs the lock file and no network. The
 * same lock file gives the same text, so the time and the random serial number are left out. Throws if npm fails or leaves out a package.
 */
export function sbomText(root: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-sbom-'))
  try {
    const { name, refs } = writeProject(root, folder)
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
 * Writes a manifest and a lock file without the packages of developers. `npm sbom --omit dev` is not enough: it also leaves out each package
 * that both users and developers need.
 */
function writeProject(root: string, folder: string): { readonly name: string; readonly refs: readonly string[] } {
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as Manifest & Lock
  const {
    devDependencies: _,
    peerDependencies: __,
    peerDependenciesMeta: ___,
    scripts: ____,
    ...manifest
  } = read('package.json')
  const { packages, ...lock } = read('package-lock.json')
  const used = Object.entries(packages).filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional)
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({ ...lock, packages: { '': manifest, ...Object.fromEntries(used) } }),
  )
  const refs = used.map(([path, { name, version }]) => `${name ?? path.replace(/^.*node_modules\//, '')}@${version}`)
  return { name: manifest.name, refs }
}

/** Returns the parts of a text that name a path or a server of the machine that wrote it. */
export function machineNames(text: string): string[] {
  const paths = /file:[^"\s]*|(?<=")\/(?:home|opt|private|root|srv|tmp|usr|var|work|Users)\/[^"]*|\b[A-Z]:\\\\[^"]*/g
  const servers = /https?:\/\/(?:localhost|127\.|10\.|192\.168\.)[^"\s]*/g
  return [...(text.match(paths) ?? []), ...(text.match(servers) ?? [])]
}
