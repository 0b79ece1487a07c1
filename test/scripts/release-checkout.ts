import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { releaseChecks } from '../../scripts/release/checks.ts'
import { sbomText } from '../../scripts/release/sbom.ts'

export const version = '1.2.3'
export const sbomFile = `dist-release/crosstrail-${version}.cdx.json`
export const manifest = {
  name: 'crosstrail',
  version,
  license: 'Apache-2.0',
  dependencies: { both: '^1.0.0' },
  devDependencies: { tool: '^1.0.0', both: '^1.0.0' },
  scripts: { 'check:docs': 'exit 0' },
}
export const used = { version: '1.0.1', license: 'MIT', integrity: `sha512-${'A'.repeat(86)}==` }
export const lock = {
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
export const changelog = `# Changelog\n\n## Unreleased\n\n## ${version} - 2026-12-01\n\n- It lists logs.\n\n## 1.2.2 - 2026-11-01\n\n- Old.\n`

/** The SBOM of a checkout: each run of npm takes half a second. */
export let sbom: string | undefined

type Files = Readonly<Record<string, string>>

/** A committed checkout that passes every check but those of the build. Null removes a file. */
export function checkout(changes: Readonly<Record<string, string | null>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'crosstrail-release-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const files: Files = {
    'package.json': JSON.stringify(manifest),
    'package-lock.json': JSON.stringify(lock),
    'CHANGELOG.md': changelog,
    '.gitignore': 'dist-release/\n',
    'README.md': 'npm install ./crosstrail-1.2.3.tgz, with yaml 2.0.0',
    'docs/RELEASING.md': 'npm publish crosstrail@9.9.9',
    'config/docker/Dockerfile': 'ARG VERSION=1.2.3',
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

export function write(root: string, files: Files): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
}

export function git(root: string, ...args: readonly string[]): void {
  execFileSync('git', args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
}

/** The problems that the check finds whose title has these words. */
export function found(root: string, words: string): readonly string[] {
  const checks = releaseChecks.filter(({ title }) => title.includes(words))
  expect(checks).toHaveLength(1)
  return checks.flatMap(({ problems }) => problems(root))
}
