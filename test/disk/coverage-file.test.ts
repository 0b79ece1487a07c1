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

test('reads what was written', () => {
  expect(readCoverageFile(written().folder)).toEqual({ a: 2 })
})

test('returns undefined for a folder without coverage', () => {
  expect(readCoverageFile(tempFolder())).toBeUndefined()
})

test('the file is readable JSON that states its version', () => {
  expect(JSON.parse(readFileSync(written().file, 'utf8'))).toMatchObject({ version: 1, a: 2 })
})

test('keeps only the previous file', () => {
  const { folder } = written()
  expect(filesBelow(folder)).toEqual(['coverage.json', 'coverage.previous.json'])
  expect(JSON.parse(readFileSync(join(folder, 'coverage.previous.json'), 'utf8'))).toMatchObject({ a: 1 })
})

test('the previous file can replace the current one', () => {
  const { folder, file } = written()
  writeFileSync(file, readFileSync(join(folder, 'coverage.previous.json')))
  expect(readCoverageFile(folder)).toEqual({ a: 1 })
})

test('detects a file that was cut anywhere', () => {
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

test('detects a change of one character', () => {
  const { folder, file } = written()
  writeFileSync(file, readFileSync(file, 'utf8').replace('"a": 2', '"a": 3'))
  expect(codeOf(() => readCoverageFile(folder))).toBe('coverage.damaged')
})

test('distinguishes a file of a later version from a damaged one, whatever its shape', () => {
  const { folder, file } = written()
  writeFileSync(file, readFileSync(file, 'utf8').replace('"version": 1', '"version": 2'))
  expect(codeOf(() => readCoverageFile(folder))).toBe('coverage.newer')
  writeFileSync(file, '{"version":7}')
  expect(codeOf(() => readCoverageFile(folder))).toBe('coverage.newer')
})

test('refuses a missing file if the previous one exists', () => {
  const { folder, file } = written()
  rmSync(file)
  expect(codeOf(() => readCoverageFile(folder))).toBe('coverage.damaged')
})
