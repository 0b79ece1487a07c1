import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { allowedLicenses, licenseProblems } from '../licenses/third-party.ts'
import { foreignLicenses, machineNames, releaseFolder, sbomName, sbomText } from './sbom.ts'
import { readTarball, tarballProblems } from './tarball.ts'

/** One thing that must hold before a release. */
export interface ReleaseCheck {
  readonly title: string
  /** Returns what is wrong in the checkout at `root`: nothing if the check passes. May throw, which is also a failure. */
  readonly problems: (root: string) => readonly string[]
}

/** All checks, in the order in which they are shown. */
export const releaseChecks: readonly ReleaseCheck[] = [
  { title: 'the version is a release and has a heading in CHANGELOG.md', problems: versionProblems },
  { title: 'pages and example files name this version', problems: namedVersionProblems },
  { title: 'CHANGELOG.md has nothing under "Unreleased"', problems: unreleasedProblems },
  { title: 'the lock file has the same version and no addresses', problems: lockProblems },
  { title: 'every change is committed', problems: uncommittedProblems },
  { title: 'the version has no tag yet', problems: tagProblems },
  { title: 'the generated pages and the schema are up to date', problems: docsProblems },
  { title: 'the package has the expected files and size', problems: (root) => tarballProblems(readTarball(root)) },
  {
    title: 'the licenses of bundled packages are allowed, and their texts are in the package',
    problems: licenseProblems,
  },
  {
    title: 'the SBOM is that of the lock file, has only allowed licenses, and names nothing of this machine',
    problems: sbomProblems,
  },
  { title: 'SHA256SUMS has the checksum of every file of the release', problems: checksumProblems },
]

/** Runs the checks. Calls `onLine` for each line to show. Returns whether all passed. */
export function runChecks(root: string, checks: readonly ReleaseCheck[], onLine: (line: string) => void): boolean {
  const failed = checks.filter(({ title, problems }) => {
    const found = problemsOf(root, problems)
    onLine(`${found.length === 0 ? 'ok  ' : 'FAIL'}  ${title}`)
    for (const problem of found) onLine(`      ${problem}`)
    return found.length > 0
  })
  return failed.length === 0
}

function problemsOf(root: string, problems: ReleaseCheck['problems']): readonly string[] {
  try {
    return problems(root)
  } catch (error) {
    return [`the check could not run: ${error instanceof Error ? error.message.trim() : String(error)}`]
  }
}

function versionProblems(root: string): string[] {
  const { version } = manifest(root)
  if (!/^\d+\.\d+\.\d+$/.test(version)) return [`package.json has the version ${version}, not one like 1.2.3`]
  const newest = headings(root).find((heading) => heading !== 'Unreleased')
  if (newest === undefined) return [`CHANGELOG.md has no heading of a version: add "## ${version} - YYYY-MM-DD"`]
  if (!new RegExp(`^${version.replaceAll('.', String.raw`\.`)} - \\d{4}-\\d{2}-\\d{2}$`).test(newest))
    return [
      `package.json has the version ${version}, and the newest heading of CHANGELOG.md is "${newest}", not "${version} - YYYY-MM-DD"`,
    ]
  return []
}

/** RELEASING.md has a made-up version. */
function namedVersionProblems(root: string): string[] {
  const { version } = manifest(root)
  const below = ['docs', 'config'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  )
  return ['README.md', ...below]
    .filter((file) => file !== 'docs/RELEASING.md')
    .flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/\b(?:crosstrail[-:@]|VERSION=)(\d+\.\d+\.\d+)/g)]
        .filter(([, named]) => named !== version)
        .map(([text]) => `${file} has ${text}, and the version is ${version}`),
    )
}

function unreleasedProblems(root: string): string[] {
  const [, section = ''] = /^## Unreleased$(.*?)(?=^## |(?![^]))/ms.exec(changelog(root)) ?? []
  const entries = section.split('\n').filter((line) => line.startsWith('- '))
  return entries.length === 0
    ? []
    : [`"Unreleased" has ${entries.length} entries: move them below the heading of the version`]
}

function lockProblems(root: string): string[] {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8')
  const lock = JSON.parse(text) as { readonly version?: string }
  const addresses = text.match(/"resolved":/g) ?? []
  const { version } = manifest(root)
  return [
    ...(lock.version === version
      ? []
      : [`package-lock.json has the version ${lock.version}, and package.json ${version}`]),
    ...(addresses.length === 0 ? [] : [`package-lock.json has ${addresses.length} addresses ("resolved")`]),
  ]
}

function uncommittedProblems(root: string): string[] {
  return git(root, 'status', '--porcelain')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `uncommitted: ${line.trim()}`)
}

function tagProblems(root: string): string[] {
  const tag = `v${manifest(root).version}`
  return git(root, 'tag', '--list', tag) === '' ? [] : [`the tag ${tag} exists already`]
}

function docsProblems(root: string): string[] {
  const { status, stdout, stderr, error } = spawnSync('npm', ['run', '--silent', 'check:docs'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (error) throw error
  return status === 0 ? [] : [`npm run check:docs exited with ${status}: ${`${stdout}${stderr}`.trim()}`]
}

function sbomProblems(root: string): string[] {
  const file = `${releaseFolder}/${sbomName(manifest(root).version)}`
  if (!existsSync(join(root, file))) return [`${file} is missing: run npm run sbom`]
  const text = readFileSync(join(root, file), 'utf8')
  return [
    ...(text === sbomText(root) ? [] : [`${file} differs from the lock file: run npm run sbom`]),
    ...machineNames(text).map((name) => `${file} names ${name}`),
    ...foreignLicenses(text, allowedLicenses).map((component) => `a license that is not allowed: ${component}`),
  ]
}

/** A release without an executable needs no checksums: npm and the registry have their own. */
function checksumProblems(root: string): string[] {
  const folder = join(root, releaseFolder)
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file !== 'SHA256SUMS') : []
  const sums = join(folder, 'SHA256SUMS')
  if (!existsSync(sums)) {
    const executables = files.filter((file) => /^crosstrail-.*-(?:linux|darwin|win32)-/.test(file))
    return executables.map((file) => `${releaseFolder}/SHA256SUMS is missing, and there is ${file}`)
  }
  const listed = new Map<string, string>()
  for (const line of readFileSync(sums, 'utf8').split('\n')) {
    const [, sum, name] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? []
    if (sum !== undefined && name !== undefined) listed.set(name, sum)
    else if (line !== '') return [`SHA256SUMS has the line "${line}", which is no checksum`]
  }
  return [
    ...files.filter((file) => !listed.has(file)).map((file) => `SHA256SUMS lacks ${file}`),
    ...[...listed.keys()]
      .filter((name) => !files.includes(name))
      .map((name) => `SHA256SUMS has ${name}, which is missing`),
    ...files
      .filter((file) => listed.has(file) && listed.get(file) !== sha256(join(folder, file)))
      .map((file) => `SHA256SUMS has another checksum for ${file}`),
  ]
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

function git(root: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function changelog(root: string): string {
  return readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
}

function headings(root: string): string[] {
  return [...changelog(root).matchAll(/^## (.*)$/gm)].map(([, heading = '']) => heading.trim())
}

function manifest(root: string): { readonly version: string } {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }
}
