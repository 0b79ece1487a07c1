import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readCoverageFile, writeCoverageFile } from '../../src/disk/coverage-file.ts'
import { codeOf } from './error-code.ts'
import { filesBelow, tempFolder } from './temp-folder.ts'

const written = (): { folder: string; file: string } => {
  const folder = tempFolder()
  writeCoverageFile(folder, '{"a": 1}')
  writeCoverageFile(folder, '{"a": 2}')
  return { folder, file: join(folder, 'coverage.json') }
}

test('what was written is read', () => {
  expect(readCoverageFile(written().folder)).toEqual({ a: 2 })
})

test('a folder without coverage has none', () => {
  expect(readCoverageFile(tempFolder())).toBeUndefined()
})

test('it is readable JSON that names its version', () => {
  expect(JSON.parse(readFileSync(written().file, 'utf8'))).toMatchObject({ version: 1, a: 2 })
})

test('the one before is kept, and nothing else', () => {
  const { folder } = written()
  expect(filesBelow(folder)).toEqual(['coverage.json', 'coverage.previous.json'])
  expect(JSON.parse(readFileSync(join(folder, 'coverage.previous.json'), 'utf8'))).toMatchObject({ a: 1 })
})

test('the one before can take its place', () => {
  const { folder, file } = written()
  writeFileSync(file, readFileSync(join(folder, 'coverage.previous.json')))
  expect(readCoverageFile(folder)).toEqual({ a: 1 })
})

test('cut at any place it is damaged', () => {
  const { folder, file } = written()
  const whole = readFileSync(file)
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(file, whole)
    truncateSync(file, length)
    expect(
      codeOf(() => readCoverageFile(folder)),
      `${length}`,
    ).toBe('coverage.damaged')
  }
})

test('changed by a character it is damaged', () => {
  const { folder, file } = written()
  writeFileSync(file, readFileSync(file, 'utf8').replace('"a": 2', '"a": 3'))
  expect(codeOf(() => readCoverageFile(folder))).toBe('coverage.damaged')
})

test('one of a later version is told from a damaged one, whatever its shape', () => {
  const { folder, file } = written()
  writeFileSync(file, readFileSync(file, 'utf8').replace('"version": 1', '"version": 2'))
  expect(codeOf(() => readCoverageFile(folder))).toBe('coverage.newer')
  writeFileSync(file, '{"version":7}')
  expect(codeOf(() => readCoverageFile(folder))).toBe('coverage.newer')
})

test('gone while the one before is there, it is no beginning', () => {
  const { folder, file } = written()
  rmSync(file)
  expect(codeOf(() => readCoverageFile(folder))).toBe('coverage.damaged')
})
