import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type ReleaseCheck, releaseChecks, runChecks } from '../../scripts/release/checks.ts'
import { machineNames, sbomText } from '../../scripts/release/sbom.ts'

const version = '1.2.3'
const sbomFile = `dist-release/crosstrail-${version}.cdx.json`
const manifest = {
  name: 'crosstrail',
  version,
  license: 'Apache-2.0',
  dependencies: { both: '^1.0.0' },
  devDependencies: { tool: '^1.0.0', both: '^1.0.0' },
  scripts: { 'check:docs': 'exit 0' },
}
const used = { version: '1.0.1', license: 'MIT', integrity: `sha512-${'A'.repeat(86)}==` }
const lock = {
  name: 'crosstrail',
  version,
  lockfileVersion: 3,
  requires: true,
  packages: {
    '': manifest,
    'node_modules/both': used,
    'node_modules/tool': { ...used, dev: true, dependencies: { both: '^1.0.0' } },
  },
}
const changelog = `# Changelog\n\n## Unreleased\n\n## ${version} - 2026-12-01\n\n- It lists logs.\n\n## 1.2.2 - 2026-11-01\n\n- Old.\n`

/** Each run of npm takes half a second. */
let sbom: string | undefined

type Files = Readonly<Record<string, string>>

/** A committed checkout that passes every check but those of the build. Null removes a file. */
function checkout(changes: Readonly<Record<string, string | null>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'crosstrail-release-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const files: Files = {
    'package.json': JSON.stringify(manifest),
    'package-lock.json': JSON.stringify(lock),
    'CHANGELOG.md': changelog,
    '.gitignore': 'dist-release/\n',
  }
  write(root, files)
  write(root, { [sbomFile]: (sbom ??= sbomText(root)) })
  for (const [file, text] of Object.entries(changes)) {
    if (text === null) rmSync(join(root, file))
    else write(root, { [file]: text })
  }
  git(root, 'init', '--quiet')
  git(root, 'add', '--all')
  git(root, '-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '--quiet', '--message', 'A release')
  return root
}

function write(root: string, files: Files): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
}

function git(root: string, ...args: readonly string[]): void {
  execFileSync('git', args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
}

/** The problems that the check finds whose title has these words. */
function found(root: string, words: string): readonly string[] {
  const checks = releaseChecks.filter(({ title }) => title.includes(words))
  expect(checks).toHaveLength(1)
  return checks.flatMap(({ problems }) => problems(root))
}

describe('the version', () => {
  const words = 'the version is a release'

  it('passes if it is that of the newest heading', () => {
    expect(found(checkout(), words)).toEqual([])
  })

  it('fails if the newest heading is older', () => {
    const text = changelog.replace(`## ${version} - 2026-12-01`, '')
    expect(found(checkout({ 'CHANGELOG.md': text }), words)).toEqual([
      'package.json has the version 1.2.3, and the newest heading of CHANGELOG.md is "1.2.2 - 2026-11-01", not "1.2.3 - YYYY-MM-DD"',
    ])
  })

  it('fails if the heading has no date', () => {
    const text = changelog.replace(' - 2026-12-01', '')
    expect(found(checkout({ 'CHANGELOG.md': text }), words)).toEqual([expect.stringContaining('is "1.2.3", not')])
  })

  it('fails if there is no heading of a version', () => {
    expect(found(checkout({ 'CHANGELOG.md': '# Changelog\n\n## Unreleased\n' }), words)).toEqual([
      'CHANGELOG.md has no heading of a version: add "## 1.2.3 - YYYY-MM-DD"',
    ])
  })

  it.each(['1.2.3-rc.1', '1.2', 'v1.2.3'])('fails if it is %s', (wrong) => {
    const root = checkout()
    write(root, { 'package.json': JSON.stringify({ ...manifest, version: wrong }) })
    expect(found(root, words)).toEqual([`package.json has the version ${wrong}, not one like 1.2.3`])
  })
})

describe('"Unreleased"', () => {
  it.each([
    ['is empty', changelog],
    ['is absent', changelog.replace('## Unreleased\n', '')],
  ])('passes if it %s', (_, text) => {
    expect(found(checkout({ 'CHANGELOG.md': text }), '"Unreleased"')).toEqual([])
  })

  it.each([
    ['before the version', changelog.replace('## Unreleased\n', '## Unreleased\n\n### Added\n\n- One.\n- Two.\n')],
    ['at the end of the file', '# Changelog\n\n## Unreleased\n\n### Added\n\n- One.\n\n- Two.\n'],
  ])('fails if it has entries %s', (_, text) => {
    expect(found(checkout({ 'CHANGELOG.md': text }), '"Unreleased"')).toEqual([
      '"Unreleased" has 2 entries: move them below the heading of the version',
    ])
  })
})

describe('the lock file', () => {
  const words = 'the lock file has the same version'

  it('passes without addresses', () => {
    expect(found(checkout(), words)).toEqual([])
  })

  it('fails with addresses', () => {
    const packages = { ...lock.packages, 'node_modules/both': { ...used, resolved: 'https://example.com/both.tgz' } }
    const text = JSON.stringify({ ...lock, packages })
    expect(found(checkout({ 'package-lock.json': text }), words)).toEqual([
      'package-lock.json has 1 addresses ("resolved")',
    ])
  })

  it('fails with another version', () => {
    const text = JSON.stringify({ ...lock, version: '1.2.2' })
    expect(found(checkout({ 'package-lock.json': text }), words)).toEqual([
      'package-lock.json has the version 1.2.2, and package.json 1.2.3',
    ])
  })
})

describe('the repository', () => {
  it('passes if every change is committed', () => {
    expect(found(checkout(), 'every change is committed')).toEqual([])
  })

  it('fails with changed and new files', () => {
    const root = checkout()
    write(root, { 'CHANGELOG.md': '', 'new.txt': '' })
    expect(found(root, 'every change is committed')).toEqual(['uncommitted: M CHANGELOG.md', 'uncommitted: ?? new.txt'])
  })

  it('passes with tags of other versions', () => {
    const root = checkout()
    git(root, 'tag', 'v1.2.2')
    expect(found(root, 'has no tag yet')).toEqual([])
  })

  it('fails with a tag of this version', () => {
    const root = checkout()
    git(root, 'tag', 'v1.2.3')
    expect(found(root, 'has no tag yet')).toEqual(['the tag v1.2.3 exists already'])
  })
})

describe('the generated pages', () => {
  it('pass if npm run check:docs passes', () => {
    expect(found(checkout(), 'generated pages')).toEqual([])
  })

  it('fail with what npm run check:docs prints', () => {
    const scripts = { 'check:docs': 'echo docs/CLI.md differs >&2; exit 3' }
    expect(found(checkout({ 'package.json': JSON.stringify({ ...manifest, scripts }) }), 'generated pages')).toEqual([
      'npm run check:docs exited with 3: docs/CLI.md differs',
    ])
  })
})

describe('the package and the licenses', () => {
  it('fail without a build', () => {
    const root = checkout()
    expect(found(root, 'the package has')).toContain('the package lacks dist/bin.cjs')
    expect(found(root, 'the licenses')).toEqual(['dist/THIRD-PARTY-LICENSES.txt is missing: run npm run build'])
  })
})

describe('the SBOM', () => {
  const words = 'the SBOM'

  it('passes if it is that of the lock file', () => {
    expect(found(checkout(), words)).toEqual([])
  })

  it('has a package that users and developers need, and none that only developers need', () => {
    const { metadata, components, ...others } = JSON.parse(sbomText(checkout())) as {
      readonly metadata: Readonly<Record<string, unknown>>
      readonly components: readonly { readonly 'bom-ref': string }[]
    }
    expect(components.map((component) => component['bom-ref'])).toEqual(['both@1.0.1'])
    expect(metadata).toMatchObject({ component: { name: 'crosstrail', type: 'application', version } })
    expect({ ...others, ...metadata }).not.toHaveProperty('timestamp')
    expect(others).not.toHaveProperty('serialNumber')
  })

  it('fails if it is missing', () => {
    expect(found(checkout({ [sbomFile]: null }), words)).toEqual([`${sbomFile} is missing: run npm run sbom`])
  })

  it('fails if the lock file changed', () => {
    const packages = { ...lock.packages, 'node_modules/both': { ...used, version: '1.0.2' } }
    const root = checkout()
    write(root, { 'package-lock.json': JSON.stringify({ ...lock, packages }) })
    expect(found(root, words)).toEqual([`${sbomFile} differs from the lock file: run npm run sbom`])
  })

  it('fails if a license is not allowed or missing', () => {
    for (const license of ['GPL-3.0-only', undefined]) {
      const packages = { ...lock.packages, 'node_modules/both': { ...used, license } }
      const root = checkout({ 'package-lock.json': JSON.stringify({ ...lock, packages }) })
      write(root, { [sbomFile]: sbomText(root) })
      expect(found(root, words)).toEqual([`a license that is not allowed: both@1.0.1: ${license ?? 'none'}`])
    }
  })

  it('fails if it names a path of this machine', () => {
    const root = checkout()
    write(root, { [sbomFile]: JSON.stringify({ ...(JSON.parse(sbom ?? '') as object), name: '/home/build/x' }) })
    expect(found(root, words)).toContain(`${sbomFile} names /home/build/x`)
  })

  it.each(['file:///srv/build/x', '/root/x', '/tmp/x', 'C:\\\\x', 'http://127.0.0.1:4873/x', 'https://localhost/x'])(
    'may not contain %s',
    (name) => {
      expect(machineNames(`{"name":"${name}"}`)).toEqual([name])
    },
  )

  it('may contain addresses of repositories', () => {
    expect(machineNames('{"url":"https://github.com/home/root/tree/tmp"}')).toEqual([])
  })
})

describe('the checksums', () => {
  const words = 'SHA256SUMS'
  const executable = `crosstrail-${version}-linux-x64`
  const sum = (text: string) => createHash('sha256').update(text).digest('hex')
  const sums = () => `${sum('code')}  ${executable}\n${sum(sbom ?? '')}  crosstrail-${version}.cdx.json\n`

  it('are not needed without an executable', () => {
    expect(found(checkout(), words)).toEqual([])
  })

  it('are needed with an executable', () => {
    expect(found(checkout({ [`dist-release/${executable}`]: 'code' }), words)).toEqual([
      `dist-release/SHA256SUMS is missing, and there is ${executable}`,
    ])
  })

  it('pass if they are those of all files', () => {
    const root = checkout({ [`dist-release/${executable}`]: 'code' })
    write(root, { 'dist-release/SHA256SUMS': sums() })
    expect(found(root, words)).toEqual([])
  })

  it('fail for a changed, an unlisted and a missing file, and for a line of another kind', () => {
    const root = checkout({ [`dist-release/${executable}`]: 'code' })
    write(root, { 'dist-release/SHA256SUMS': sums(), [`dist-release/${executable}`]: 'other code' })
    expect(found(root, words)).toEqual([`SHA256SUMS has another checksum for ${executable}`])
    write(root, { [`dist-release/${executable}`]: 'code', 'dist-release/more': '' })
    expect(found(root, words)).toEqual(['SHA256SUMS lacks more'])
    rmSync(join(root, 'dist-release/more'))
    write(root, { 'dist-release/SHA256SUMS': `${sums()}${sum('')}  gone\n` })
    expect(found(root, words)).toEqual(['SHA256SUMS has gone, which is missing'])
    write(root, { 'dist-release/SHA256SUMS': `${sums()}MD5 (x) = 1\n` })
    expect(found(root, words)).toEqual(['SHA256SUMS has the line "MD5 (x) = 1", which is no checksum'])
  })
})

describe('all checks', () => {
  const check = (title: string, problems: ReleaseCheck['problems']): ReleaseCheck => ({ title, problems })

  it('pass only if each passes, and show a line for each', () => {
    const lines: string[] = []
    const good = check('one', () => [])
    const bad = check('two', () => ['it is late', 'it is wrong'])
    expect(runChecks('.', [good, bad, good], (line) => lines.push(line))).toBe(false)
    expect(lines).toEqual(['ok    one', 'FAIL  two', '      it is late', '      it is wrong', 'ok    one'])
    expect(runChecks('.', [good], () => undefined)).toBe(true)
  })

  it('count a check that throws as failed', () => {
    const lines: string[] = []
    const broken = check('three', () => {
      throw new Error('no git')
    })
    expect(runChecks('.', [broken], (line) => lines.push(line))).toBe(false)
    expect(lines).toEqual(['FAIL  three', '      the check could not run: no git'])
  })
})
