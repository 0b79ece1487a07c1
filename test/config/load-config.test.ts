import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { loadConfig } from '../../src/config/load-config.ts'
import { emptyFolder, errorOf, loadText, problemsOf, withLines } from './written.ts'

const example = path.resolve(import.meta.dirname, '../../config/accounts.example.yaml')

it('loads the example that users copy', () => {
  const config = loadConfig({ file: example, env: { Z_EXTERNAL_ID: 'issued-by-z' }, cwd: '/' })
  expect(config.accounts.map(({ label, reads, allow }) => [label, reads, allow.length])).toEqual([
    ['B', 'own', 2],
    ['C', 'own', 3],
    ['Z', 'all', 4],
  ])
})

it('reports the variable that the example needs, with its place', () => {
  const { accounts } = loadConfig({ file: example, env: {}, cwd: '/' })
  expect(accounts.filter(({ unusable }) => unusable !== undefined)).toMatchObject([
    {
      label: 'Z',
      reads: 'all',
      unusable: {
        code: 'config.unset-variable',
        message: expect.stringMatching(/Z_EXTERNAL_ID is not set \(.*:36:17 accounts\.Z\.externalId\)$/) as string,
        hint: 'set Z_EXTERNAL_ID, or select other accounts',
      },
    },
  ])
})

it('a missing file is config.not-found', () => {
  expect(errorOf(() => loadConfig({ file: 'nowhere.yaml', env: {}, cwd: emptyFolder() })).code).toBe('config.not-found')
})

it('a folder is config.not-a-file', () => {
  const cwd = emptyFolder()
  mkdirSync(path.join(cwd, 'crosstrail.yaml'))
  expect(errorOf(() => loadConfig({ env: {}, cwd })).code).toBe('config.not-a-file')
})

it.each(['', ' \n\t\n', '# only words\n', '---\n', '\uFEFF', 'null\n'])('%j is config.empty', (text) => {
  expect(errorOf(() => loadText(text)).code).toBe('config.empty')
})

it('a file of 10 MB is config.too-large', () => {
  expect(errorOf(() => loadText(Buffer.alloc(10_000_000, 'a: b\n'))).code).toBe('config.too-large')
})

it('a binary file is config.not-text', () => {
  expect(errorOf(() => loadText(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]))).code).toBe('config.not-text')
})

it('reports all errors of a file at once, in the order of the file', () => {
  const text = [
    'trail:',
    '  bucket: Bad_Bucket',
    '  owner: 012345678901',
    '  region: us-east-1',
    '  prefx: logs',
    'accounts:',
    '  B:',
    '    id: 222222222222',
    '    externalID: issued-by-b',
    '    reads: [1, "333333333333"]',
    '  C: { id: "333333333333", role: C-role, via: [{ rol: x }], duration: 2h }',
    '  B:',
    '    id: "222222222222"',
    '  Z Z:',
    '    id: "444444444444"',
    '    role: arn:aws-cn:iam::444444444444:role/Z',
    '    externalId: ${env:UNSET}',
    '    allow: list',
    '    credentials: { env: true, ec2: true }',
  ].join('\n')
  expect(problemsOf(text)).toEqual([
    '2:11 trail.bucket: wrong value',
    '3:10 trail.owner: a number instead of text; put it in quotes',
    '5:3 trail.prefx: unknown key, did you mean prefix?',
    '7:3 accounts.B.role: missing',
    '8:9 accounts.B.id: a number instead of text; put it in quotes',
    '9:5 accounts.B.externalID: unknown key, did you mean externalId?',
    '10:13 accounts.B.reads[0]: a number instead of text; put it in quotes',
    '11:34 accounts.C.role: wrong value',
    '11:48 accounts.C.via[0].role: missing',
    '11:50 accounts.C.via[0].rol: unknown key, did you mean role?',
    '11:71 accounts.C.duration: too long for a chained role',
    '12:3 accounts.B: duplicate key',
    '14:3 accounts["Z Z"]: wrong name',
    '16:11 accounts["Z Z"].role: not the partition of the trail',
    '17:17 accounts["Z Z"].externalId: the environment variable UNSET is not set',
    '18:12 accounts["Z Z"].allow: wrong value',
    '19:18 accounts["Z Z"].credentials: wrong number of credential sources',
  ])
})

it('the message has a line for each error: file, line, column, path, value and what was expected', () => {
  const error = errorOf(() => loadText(withLines(['duration: 5m', 'reads: ours'])))
  expect(error.message.split('\n')).toEqual([
    'the config has 2 errors',
    '  crosstrail.yaml:9:15 accounts.B.duration: wrong value (got "5m", expected seconds from 900 to 43200, as a number or like 1h or 900s)',
    '  crosstrail.yaml:10:12 accounts.B.reads: wrong value (got "ours", expected own, all, or a list of account ids in quotes)',
  ])
  expect(error.facts['count']).toBe(2)
})

it('shows an account id without quotes as written in the file', () => {
  const error = errorOf(() => loadText(withLines().replace('"222222222222"', '012345678901')))
  expect(error.message).toContain('7:9 accounts.B.id')
  expect(error.message).toContain('got 012345678901, expected a 12-digit account id in quotes')
})

it('shows the absolute path of a file outside the current folder', () => {
  const folder = emptyFolder()
  const file = path.join(folder, 'c.yaml')
  writeFileSync(file, 'x: 1')
  expect(errorOf(() => loadConfig({ file, env: {}, cwd: emptyFolder() })).message).toContain(`${file}:1:1`)
})

it('accepts a byte order mark and CRLF line ends, and counts lines and columns correctly', () => {
  const text = `\uFEFF${withLines(['reads: ours']).replaceAll('\n', '\r\n')}`
  expect(problemsOf(text)).toEqual(['9:12 accounts.B.reads: wrong value'])
})

it('accepts JSON with a $schema field for editors', () => {
  const trail = { bucket: 'logs-a', owner: '111111111111', region: 'us-east-1' }
  const accounts = { B: { id: '022222222222', role: 'arn:aws:iam::111111111111:role/B' } }
  const text = JSON.stringify({ $schema: './crosstrail.schema.json', trail, accounts }, undefined, '\t')
  expect(loadText(text, {}, 'crosstrail.json').accounts[0]?.id).toBe('022222222222')
})

it('a .json file must be JSON, not only YAML', () => {
  expect(problemsOf('{\n  "trail": {},\n}\n', {}, 'crosstrail.json')).toEqual(['3:1 : not valid JSON'])
})

it.each(['- a', '7', 'text'])('a file with %j instead of a mapping is one error', (text) => {
  expect(problemsOf(text)).toEqual(['1:1 : wrong value'])
})

it('a file with only a broken alias is not reported as empty', () => {
  expect(problemsOf('*accounts')).toEqual(['1:1 : an alias without an anchor before it'])
})

it('throws only errors with a code, whatever the file contains', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      expect(errorOf(() => loadText(text)).code).toMatch(/^config\./)
    }),
    { numRuns: 200 },
  )
})
