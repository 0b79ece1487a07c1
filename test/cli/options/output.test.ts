import { expect, test } from 'vitest'
import { outputOptions } from '../../../src/cli/options/output.ts'
import { readOptions } from '../../../src/cli/read-options.ts'

const read = (given: Record<string, readonly string[]>, env = {}) =>
  readOptions(outputOptions, new Map(Object.entries(given)), env)

test('-o is --output and -v is --verbose', () => {
  expect(read({ o: ['json'], v: ['true'] })).toEqual(read({ output: ['json'], verbose: ['true'] }))
  expect(read({ o: ['json'], v: ['true'] })).toMatchObject({ output: 'json', verbose: true })
})

test('a short option has no environment variable', () => {
  expect(read({}, { CROSSTRAIL_O: 'json', CROSSTRAIL_V: '1' })).toEqual(read({}))
})

test('the error for a wrong value names the short option as typed', () => {
  expect(() => read({ o: ['xml'] })).toThrow('-o is "xml", expected table, json, csv')
})
