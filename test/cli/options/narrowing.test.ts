import { expect, test } from 'vitest'
import { narrowingOptions, readNarrowing } from '../../../src/cli/options/narrowing.ts'
import { sessionOptions } from '../../../src/cli/options/aws.ts'
import { readOptions } from '../../../src/cli/read-options.ts'

function read(given: Record<string, string[]>) {
  const options = { ...narrowingOptions, 'no-session-policy': sessionOptions['no-session-policy'] }
  return readNarrowing(readOptions(options, new Map(Object.entries(given)), {}))
}

test.each([
  [{}, { verbs: undefined, readOnly: false, copyTo: undefined, cache: false }],
  [{ verb: ['list,download', 'list'] }, { verbs: ['list', 'download'] }],
  [{ 'read-only': ['true'] }, { readOnly: true, verbs: undefined }],
  [{ 'copy-to': ['s3://archive-logs/a'] }, { copyTo: 's3://archive-logs/a' }],
  [{ verb: ['copy'], 'copy-to': ['s3://archive-logs'] }, { copyTo: 's3://archive-logs' }],
  [{ cache: ['true'] }, { cache: true }],
])('reads %j', (given, expected) => {
  expect(read(given)).toMatchObject(expected)
})

test.each([
  [{ verb: ['list'], 'no-session-policy': ['true'] }],
  [{ 'read-only': ['true'], 'no-session-policy': ['true'] }],
  [{ 'copy-to': ['s3://archive-logs'], 'no-session-policy': ['true'] }],
  [{ verb: ['list'], 'read-only': ['true'] }],
  [{ 'copy-to': ['s3://archive-logs'], 'read-only': ['true'] }],
  [{ 'copy-to': ['s3://archive-logs'], verb: ['list'] }],
])('refuses the conflict in %j', (given) => {
  expect(() => read(given)).toThrow(expect.objectContaining({ code: 'usage.conflict' }))
})

test('refuses an unknown verb', () => {
  expect(() => read({ verb: ['write'] })).toThrow(expect.objectContaining({ code: 'usage.invalid-value' }))
})
