import { expect, test } from 'vitest'
import { demandDestination, parseDestination, refuseCopyOntoItself } from '../../../src/sinks/bucket/destination.ts'

test.each([
  ['s3://archive', { bucket: 'archive', prefix: '' }],
  ['s3://archive/', { bucket: 'archive', prefix: '' }],
  ['s3://archive/trail', { bucket: 'archive', prefix: 'trail/' }],
  ['s3://archive/trail/2026/', { bucket: 'archive', prefix: 'trail/2026/' }],
  ['s3://an.archive-1/prüfung', { bucket: 'an.archive-1', prefix: 'prüfung/' }],
])('%s is a destination, and its prefix is a folder', (text, destination) => {
  expect(parseDestination(text)).toEqual(destination)
})

test.each([
  'archive/trail',
  's3:/archive',
  's3://',
  's3://ab',
  's3://Archive',
  's3:///trail',
  's3://archive//trail',
  's3://archive/a//b',
  's3://archive/../b',
  's3://archive/a/.',
  's3://archive/a\nb',
  's3://archive/\ud800',
  `s3://archive/${'x'.repeat(1025)}`,
])('%j is not a destination', (text) => {
  expect(parseDestination(text)).toBeUndefined()
  expect(() => demandDestination(text)).toThrow(expect.objectContaining({ code: 'usage.invalid-value' }) as Error)
})

const trail = { bucket: 'logs', prefix: '' }
const refusal = expect.objectContaining({ code: 'usage.copy-onto-itself' }) as unknown

test.each([
  [trail, 's3://logs'],
  [trail, 's3://logs/AWSLogs'],
  [trail, 's3://logs/AWSLogs/222222222222/CloudTrail/us-east-1'],
  [{ bucket: 'logs', prefix: 'audit' }, 's3://logs'],
  [{ bucket: 'logs', prefix: 'audit' }, 's3://logs/audit/AWSLogs/x'],
  [{ bucket: 'logs', prefix: 'o-abcdefghij', organization: 'o-abcdefghij' }, 's3://logs/o-abcdefghij/AWSLogs'],
])('%j refuses copies to %s, where they would be logs of the trail', (layout, to) => {
  expect(() => refuseCopyOntoItself(layout, parseDestination(to) ?? never())).toThrow(refusal)
})

test.each([
  [trail, 's3://logs/archive'],
  [trail, 's3://logs/AWSLogs-old'],
  [trail, 's3://archive'],
  [trail, 's3://archive/AWSLogs'],
  [{ bucket: 'logs', prefix: 'audit' }, 's3://logs/audit'],
])('%j accepts copies to %s', (layout, to) => {
  expect(() => refuseCopyOntoItself(layout, parseDestination(to) ?? never())).not.toThrow()
})

function never(): never {
  throw new Error('no destination')
}
