import { describe, expect, it } from 'vitest'
import { type ReleaseCheck, runChecks } from '../../scripts/release/checks.ts'
import { changelog, checkout, found, git, lock, manifest, used, version, write } from './release-checkout.ts'

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

describe('pages and example files', () => {
  const words = 'name this version'

  it('pass if they name this version', () => {
    expect(found(checkout(), words)).toEqual([])
  })

  it('fail if they name another one', () => {
    const root = checkout({
      'README.md': 'npm install ./crosstrail-1.2.2.tgz',
      'docs/A.md': 'docker run crosstrail:1.2.2',
      'config/docker/Dockerfile': 'ARG VERSION=1.2.2',
    })
    expect(found(root, words)).toEqual([
      'README.md has crosstrail-1.2.2, and the version is 1.2.3',
      'docs/A.md has crosstrail:1.2.2, and the version is 1.2.3',
      'config/docker/Dockerfile has VERSION=1.2.2, and the version is 1.2.3',
    ])
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
