import { expect, test } from 'vitest'
import { commandList } from '../../src/cli/command-list.ts'
import { flag, many, single, singleOr } from '../../src/cli/option.ts'
import { selecting } from '../../src/cli/options/selecting.ts'
import { anyText } from '../../src/config/text-value.ts'
import { mfaCode } from '../../src/cli/parse-text.ts'
import { readOptions, variableName } from '../../src/cli/read-options.ts'

const options = {
  from: single('text', 'Test', anyText, { aliases: ['since'], overrides: ['last'] }),
  last: single('text', 'Test', anyText, { overrides: ['from'] }),
  until: single('text', 'Test', anyText, { argumentAliases: ['to'] }),
  layout: singleOr('text', 'Test', 'key', anyText),
  include: many('text', 'Test', anyText),
  'dry-run': flag('Test'),
}

function read(given: Record<string, readonly string[]>, env: Record<string, string> = {}) {
  return readOptions(options, new Map(Object.entries(given)), env)
}

test('an option that is not given has its default', () => {
  expect(read({})).toEqual({
    from: undefined,
    last: undefined,
    until: undefined,
    layout: 'key',
    include: [],
    'dry-run': false,
  })
})

test.each([
  ['an argument', { from: ['a'] }, {}, 'a'],
  ['an alias', { since: ['a'] }, {}, 'a'],
  ['a variable', {}, { CROSSTRAIL_FROM: 'a' }, 'a'],
  ["an alias's variable", {}, { CROSSTRAIL_SINCE: 'a' }, 'a'],
  ['an argument over a variable', { from: ['a'] }, { CROSSTRAIL_FROM: 'b' }, 'a'],
  ['an alias over a variable', { since: ['a'] }, { CROSSTRAIL_FROM: 'b' }, 'a'],
  ['an empty variable', {}, { CROSSTRAIL_FROM: '' }, undefined],
  ['a variable that an argument overrides', { last: ['1d'] }, { CROSSTRAIL_FROM: 'b' }, undefined],
])('%s decides', (_title, given, env, expected) => {
  expect(read(given as Record<string, string[]>, env as Record<string, string>).from).toBe(expected)
})

test('CROSSTRAIL_TO is never the end of a window', () => {
  expect(read({}, { CROSSTRAIL_TO: './logs' }).until).toBeUndefined()
  expect(read({ to: ['2026-11-08'] }).until).toBe('2026-11-08')
})

test('an option that must be typed refuses its variable and accepts the argument', () => {
  const typed = { yes: flag('Test', { typedOnly: true }) }
  const variable = { CROSSTRAIL_YES: 'true' }
  expect(() => readOptions(typed, new Map(), variable)).toThrow('CROSSTRAIL_YES is set')
  expect(readOptions(typed, new Map([['yes', ['true']]]), variable)).toEqual({ yes: true })
  expect(readOptions(typed, new Map(), { CROSSTRAIL_YES: '' })).toEqual({ yes: false })
})

test('CROSSTRAIL_TO and CROSSTRAIL_FORMAT are for pull: events ignores them', () => {
  const { options } = commandList.find(({ name }) => name === 'events') ?? { options: {} }
  const read = readOptions(options, new Map(), { CROSSTRAIL_TO: './logs', CROSSTRAIL_FORMAT: 'ndjson' })
  expect(read).toMatchObject({ to: undefined, format: undefined })
})

test('the variables for the bucket of pull and copy are ignored by events', () => {
  const { options } = commandList.find(({ name }) => name === 'events') ?? { options: {} }
  const read = readOptions(options, new Map(), { CROSSTRAIL_TO_ACCOUNT: 'Z', CROSSTRAIL_TAG: 'a=b' })
  expect(read).toMatchObject({ 'to-account': undefined, tag: [] })
})

test('all options that confirm or widen a deletion must be typed, and no others', () => {
  const dangerous = /^(?:yes|versions|bypass-governance|break-chain|max-delete|older-than|allow-(?!to$).+)$/
  for (const { name: command, options } of commandList) {
    for (const [name, { typedOnly = false }] of Object.entries(options)) {
      expect(`${command} --${name} ${typedOnly}`).toBe(`${command} --${name} ${dangerous.test(name)}`)
    }
  }
})

test('ignores variables of unknown options', () => {
  expect(() => read({}, { CROSSTRAIL_NO_SUCH_OPTION: 'x' })).not.toThrow()
})

test.each([
  ['true', true],
  ['1', true],
  ['YES', true],
  ['false', false],
  ['0', false],
  ['off', false],
])('the variable of a flag may be %s', (text, expected) => {
  expect(read({}, { CROSSTRAIL_DRY_RUN: text })['dry-run']).toBe(expected)
})

test('refuses any other value of the variable of a flag', () => {
  expect(() => read({}, { CROSSTRAIL_DRY_RUN: 'maybe' })).toThrow('CROSSTRAIL_DRY_RUN is "maybe"')
})

test('--dry-run=false overrides its variable', () => {
  expect(read({ 'dry-run': ['false'] }, { CROSSTRAIL_DRY_RUN: 'true' })['dry-run']).toBe(false)
})

test('the variable of a repeatable option has one value per line', () => {
  expect(read({}, { CROSSTRAIL_INCLUDE: '*{a,b}*\n*c*\n' }).include).toEqual(['*{a,b}*', '*c*'])
})

test.each([
  ['--from', { from: ['a', 'b'] }],
  ['--from and --since', { from: ['a'], since: ['b'] }],
])('%s given twice is an error', (name, given) => {
  expect(() => read(given as Record<string, string[]>)).toThrow(`${name} is given more than once`)
})

test('refuses an unknown option and suggests the nearest', () => {
  expect(() => read({ 'dry-rnu': ['true'] })).toThrow(
    expect.objectContaining({ code: 'usage.unknown-option', hint: 'did you mean --dry-run?' }),
  )
})

test('refuses an option without its value', () => {
  expect(() => read({ from: [''] })).toThrow('--from needs a value')
})

test('does not show a wrong MFA code', () => {
  const withCode = { 'mfa-code': single('text', 'Test', mfaCode) }
  expect(() => readOptions(withCode, new Map([['mfa-code', ['12345x']]]), {})).toThrow(
    /^--mfa-code is not an MFA code, expected six digits$/,
  )
})

test('a variable is named after its option', () => {
  expect(variableName('max-bytes')).toBe('CROSSTRAIL_MAX_BYTES')
})

test('--last as an argument overrides a window of the environment, and vice versa', () => {
  const env = { CROSSTRAIL_FROM: '2026-11-01', CROSSTRAIL_UNTIL: '2026-11-08', CROSSTRAIL_LAST: '24h' }
  const byLast = readOptions(selecting, new Map([['last', ['1h']]]), env)
  const byFrom = readOptions(selecting, new Map([['from', ['2026-11-02']]]), env)
  expect([byLast.from, byLast.until, byLast.last]).toEqual([undefined, undefined, '1h'])
  expect([byFrom.from, byFrom.until, byFrom.last]).toEqual(['2026-11-02', '2026-11-08', undefined])
})
