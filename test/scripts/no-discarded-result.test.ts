import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const discarded = [
  'decodeURIComponent(text)',
  'void decodeURIComponent(text)',
  'globalThis.decodeURIComponent(text)',
  'for (const part of [text]) decodeURIComponent(part)',
  'if (text !== "") encodeURI(text)',
  'text === "" || decodeURI(text)',
  'text === "" ? BigInt(0) : text.trim()',
  'JSON.parse(text)',
  'new URL(text)',
  'new RegExp(text)',
  'BigInt(text)',
  'Buffer.from(text)',
  'String.fromCodePoint(1)',
  'new Date(text).toISOString()',
  '[text].map(decodeURIComponent)',
] as const
const used = [
  'use(decodeURIComponent(text))',
  'export const value = JSON.parse(text)',
  'export const make = () => new URL(text)',
  'await new Promise((settle) => setTimeout(settle, 1))',
  'use(text)',
  'list.push(text)',
] as const

const flagged = new Set<number>()
let folder = ''

/** One statement per line, so that the line of a finding identifies the statement. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-lint-'))
  const config = {
    jsPlugins: [join(root, 'scripts/lint/no-discarded-result.mjs')],
    categories: { correctness: 'off' },
    rules: { 'crosstrail/no-discarded-result': 'error' },
  }
  writeFileSync(join(folder, 'lint.json'), JSON.stringify(config))
  writeFileSync(join(folder, 'code.mjs'), [...discarded, ...used].join(';\n'))
  const args = ['--config', 'lint.json', '--format', 'json', 'code.mjs']
  const report = await new Promise<string>((settle) => {
    execFile(join(root, 'node_modules/.bin/oxlint'), args, { cwd: folder }, (_error, stdout) => settle(stdout))
  })
  const { diagnostics } = JSON.parse(report) as {
    diagnostics: readonly { code: string; labels: readonly { span: { line: number } }[] }[]
  }
  for (const { code, labels } of diagnostics) {
    if (code.includes('no-discarded-result')) flagged.add(labels[0]?.span.line ?? 0)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test.each(discarded.map((statement, at) => [statement, at + 1] as const))('lint refuses: %s', (_statement, line) => {
  expect(flagged).toContain(line)
})

test.each(used.map((statement, at) => [statement, discarded.length + at + 1] as const))(
  'lint allows: %s',
  (_statement, line) => {
    expect(flagged).not.toContain(line)
  },
)
