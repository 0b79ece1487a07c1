import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A package whose code is in the built command. */
export interface BundledPackage {
  readonly name: string
  readonly version: string
  /** SPDX identifier */
  readonly license: string
}

/** SPDX identifiers of permissive licenses: a copy must carry their text. */
export const allowedLicenses: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
])

/** Where the build writes the texts, relative to the root of the project. */
export const licensesFile = 'dist/THIRD-PARTY-LICENSES.txt'

const separator = '='.repeat(80)

/** Returns the folder of each package that has one of the modules, sorted. */
export function packageFolders(moduleIds: readonly string[]): string[] {
  const folders = moduleIds.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? [])
  return [...new Set(folders)].sort()
}

/**
 * Returns the text of THIRD-PARTY-LICENSES.txt: each license text once, below its packages. Throws if a package has a license that is not
 * allowed, or if its text is missing.
 */
export function thirdPartyLicenses(folders: readonly string[]): string {
  const packagesByText = new Map<string, string[]>()
  for (const folder of folders) {
    const { name, version, license } = readPackage(folder)
    if (!allowedLicenses.has(license))
      throw new Error(`${name} ${version} has the license ${license}, which is not allowed`)
    const text = licenseText(folder, name, license)
    if (text.includes(separator)) throw new Error(`the license text of ${name} contains the line that separates texts`)
    packagesByText.set(text, [...(packagesByText.get(text) ?? []), `${name} ${version} (${license})`])
  }
  return [...packagesByText].map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`).join(`\n${separator}\n\n`)
}

/** Returns the packages that a text of `thirdPartyLicenses` names, and which of them have no license text. */
export function readThirdPartyLicenses(text: string): { named: BundledPackage[]; withoutText: BundledPackage[] } {
  const named: BundledPackage[] = []
  const withoutText: BundledPackage[] = []
  for (const block of text.split(`\n${separator}\n`)) {
    const [heading = '', ...rest] = block.trim().split('\n\n')
    const packages = heading.split('\n').flatMap((line) => {
      const [, name, version, license] = /^(\S+) (\S+) \((.+)\)$/.exec(line) ?? []
      return name && version && license ? [{ name, version, license }] : []
    })
    named.push(...packages)
    if (rest.join('\n\n').trim().length < 100) withoutText.push(...packages)
  }
  return { named, withoutText }
}

/**
 * Returns what is wrong with the license texts of a build. It finds the bundled packages by the comment that the bundler writes above each
 * module, so it does not trust the list that the build made.
 */
export function licenseProblems(root: string): string[] {
  const file = join(root, licensesFile)
  if (!existsSync(file)) return [`${licensesFile} is missing: run npm run build`]
  const { named, withoutText } = readThirdPartyLicenses(readFileSync(file, 'utf8'))
  const names = new Set(named.map(({ name }) => name))
  const bundled = bundledNames(join(root, 'dist/command'))
  return [
    ...(bundled.length === 0 ? ['dist/command names no bundled package'] : []),
    ...bundled.filter((name) => !names.has(name)).map((name) => `${licensesFile} lacks ${name}`),
    ...withoutText.map(({ name }) => `${licensesFile} has no license text for ${name}`),
    ...named
      .filter(({ license }) => !allowedLicenses.has(license))
      .map(({ name, license }) => `${name} has the license ${license}, which is not allowed`),
  ]
}

/** The names of the packages that the files in a folder of the bundle contain. */
export function bundledNames(folder: string): string[] {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .flatMap((file) => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(/^\/\/ (?:#region )?(.*node_modules\/.*)$/gm),
    ])
    .flatMap(([, path = '']) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [])
  return [...new Set(names)].sort()
}

function readPackage(folder: string): BundledPackage {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string
    readonly version: string
    readonly license?: unknown
  }
  return { name, version, license: typeof license === 'string' ? license : JSON.stringify(license ?? 'none') }
}

/** The license text of a package, with its notice if it has one. */
function licenseText(folder: string, name: string, license: string): string {
  const files = readdirSync(folder)
  const own = files.find((file) => /^(?:licen[sc]e|copying)/i.test(file))
  const text = own === undefined ? suppliedText(name, license) : readFileSync(join(folder, own), 'utf8')
  const notice = files.find((file) => /^notice/i.test(file))
  const parts = notice === undefined ? [text] : [text, readFileSync(join(folder, notice), 'utf8')]
  return parts.map((part) => part.trim()).join('\n\n')
}

/** A few packages ship no license text. The Apache license names no copyright holder, so its text is the same for all packages. */
function suppliedText(name: string, license: string): string {
  const supplied = join(import.meta.dirname, `${name.replace('/', '+')}.txt`)
  if (existsSync(supplied)) return readFileSync(supplied, 'utf8')
  if (license === 'Apache-2.0') return readFileSync(join(import.meta.dirname, '../../LICENSE'), 'utf8')
  throw new Error(`${name} has no license text: add that of its repository as ${supplied}`)
}
