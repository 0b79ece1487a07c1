import { expect, test } from 'vitest'
import { errorText } from '../../../src/cli/render/error-text.ts'
import { invalidConfig } from '../../../src/config/problem.ts'
import { CrosstrailError } from '../../../src/error.ts'

const plain = (_style: string, text: string) => text

test('a known error shows its message, its causes and its hint', () => {
  const cause = new Error('connect ECONNREFUSED', { cause: new Error('port 443') })
  const error = new CrosstrailError('network.broken', 'the call failed', { hint: 'try again', cause })
  expect(errorText(error, 'table', plain)).toBe(
    'crosstrail: the call failed\n  because connect ECONNREFUSED\n  because port 443\nhint: try again',
  )
})

test('does not repeat a cause that the message contains', () => {
  const error = new CrosstrailError('disk.failed', 'cannot write: EACCES', { cause: new Error('EACCES') })
  expect(errorText(error, 'table', plain)).toBe('crosstrail: cannot write: EACCES')
})

test('shows all problems of a config', () => {
  const error = invalidConfig('/c.yaml', [
    { path: 'trail.owner', line: 3, column: 5, message: 'is no account id', value: '111', expected: '12 digits' },
    { path: 'accounts.B', line: 7, column: 1, message: 'has no role' },
  ])
  const text = errorText(error, 'table', plain)
  expect(text).toContain('/c.yaml:3:5 trail.owner: is no account id (got 111, expected 12 digits)')
  expect(text).toContain('/c.yaml:7:1 accounts.B: has no role')
  expect(JSON.parse(errorText(error, 'json', plain))).toMatchObject({ error: { problems: [{ line: 3 }, { line: 7 }] } })
})

test('as JSON an error is one line with code, message, hint and facts', () => {
  const error = new CrosstrailError('object.truncated', 'too\nshort', { hint: 'again', facts: { bytes: 5 } })
  const text = errorText(error, 'json', plain)
  expect(text).not.toContain('\n')
  expect(JSON.parse(text)).toEqual({
    error: { code: 'object.truncated', message: 'too\nshort', hint: 'again', facts: { bytes: 5 } },
  })
})

test('ends if a cause is its own cause', () => {
  const cause = new Error('loop')
  cause.cause = cause
  expect(errorText(new CrosstrailError('network.broken', 'failed', { cause }), 'table', plain)).toContain('loop')
})
