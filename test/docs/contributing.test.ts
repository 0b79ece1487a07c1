import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
/** The files of "Add a verb", which each begin with their path. */
const files = [...page.matchAll(/^```ts\n\/\/ (\S+)\n(.*?)^```$/gms)].map(([, path = '', text = '']) => ({
  path,
  text,
}))

let copy: string

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'crosstrail-verb-'))
  for (const entry of ['src', 'config', 'package.json', 'tsconfig.json']) {
    cpSync(join(root, entry), join(copy, entry), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  for (const { path, text } of files) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    writeFileSync(join(copy, path), text)
  }
  const list = join(copy, 'src/cli/command-list.ts')
  const text = readFileSync(list, 'utf8')
    .replace('import { verify }', `import { trail } from './commands/trail.ts'\nimport { verify }`)
    .replace('  accounts,', '  accounts,\n  trail,')
  writeFileSync(list, text)
})
afterAll(() => rmSync(copy, { recursive: true }))

it('the page has the verb and its command', () => {
  expect(files.map(({ path }) => path)).toEqual(['src/verbs/trail/trail.ts', 'src/cli/commands/trail.ts'])
})

it('the verb of the page compiles', () => {
  const compile = () =>
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', copy, '--noEmit'], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
  expect(compile()).toBe('')
})

it('the verb of the page runs as the page says', () => {
  const [, line = ''] = /^npx tsx (src\/cli\/program\.ts .*)$/m.exec(page) ?? []
  const stdout = execFileSync(process.execPath, [join(root, 'node_modules/tsx/dist/cli.mjs'), ...line.split(' ')], {
    cwd: copy,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: copy, Z_EXTERNAL_ID: 'an-external-id' },
  })
  expect(stdout).toBe('example-cloudtrail-logs\n')
})

it('each file and folder that the page names in code exists', () => {
  const named = [...page.matchAll(/`((?:src|test|scripts|docs|config)\/[\w./-]+)`/g)].map(([, path = '']) => path)
  expect(named.length).toBeGreaterThan(5)
  const missing = named.filter((path) => {
    try {
      readFileSync(join(root, path))
      return false
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'EISDIR'
    }
  })
  expect(missing).toEqual([])
})
