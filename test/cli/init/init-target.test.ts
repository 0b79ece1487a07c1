import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { initTarget, writeConfigFile } from '../../../src/cli/init/init-target.ts'

let cwd: string
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'crosstrail-init-'))
})
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

it.each([
  ['--config', { flag: 'a.yaml', env: { CROSSTRAIL_CONFIG: 'b.yaml' } }, 'a.yaml'],
  ['the variable', { flag: undefined, env: { CROSSTRAIL_CONFIG: 'b.yaml' } }, 'b.yaml'],
  ['the default', { flag: undefined, env: { CROSSTRAIL_CONFIG: '' } }, 'crosstrail.yaml'],
])('the target is set by %s', (_what, options, name) => {
  expect(initTarget({ ...options, cwd })).toBe(join(cwd, name))
})

it.each(['crosstrail.yaml', 'crosstrail.yml', 'crosstrail.json'])('refuses the default target beside a %s', (name) => {
  writeFileSync(join(cwd, name), '')
  expect(() => initTarget({ flag: undefined, env: {}, cwd })).toThrow(/the config .* already exists/)
})

it('accepts another file beside a config', () => {
  writeFileSync(join(cwd, 'crosstrail.yaml'), '')
  expect(initTarget({ flag: 'other.yaml', env: {}, cwd })).toBe(join(cwd, 'other.yaml'))
})

it.each(['a file', 'a folder', 'a dangling link'])('never overwrites %s', (what) => {
  const file = join(cwd, 'x.yaml')
  if (what === 'a file') writeFileSync(file, 'mine')
  else if (what === 'a folder') mkdirSync(file)
  else symlinkSync(join(cwd, 'nowhere'), file)
  expect(() => initTarget({ flag: 'x.yaml', env: {}, cwd })).toThrow(
    expect.objectContaining({ code: 'usage.config-exists' }),
  )
})

it('refuses a JSON file', () => {
  expect(() => initTarget({ flag: 'x.json', env: {}, cwd })).toThrow(
    expect.objectContaining({ code: 'usage.invalid-value' }),
  )
})

it('the file is complete, readable only by its owner, and alone in the folder', () => {
  const file = join(cwd, 'new', 'crosstrail.yaml')
  writeConfigFile(file, 'trail:\n', Date.now())
  expect(readFileSync(file, 'utf8')).toBe('trail:\n')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(cwd, 'new')).mode & 0o777).toBe(0o700)
  expect(readdirSync(join(cwd, 'new'))).toEqual(['crosstrail.yaml'])
})

it('keeps a file that appears meanwhile, and leaves no other file', () => {
  const file = join(cwd, 'crosstrail.yaml')
  writeFileSync(file, 'theirs')
  expect(() => writeConfigFile(file, 'ours', Date.now())).toThrow(
    expect.objectContaining({ code: 'usage.config-exists' }),
  )
  expect(readFileSync(file, 'utf8')).toBe('theirs')
  expect(readdirSync(cwd)).toEqual(['crosstrail.yaml'])
})

it('reports a folder that cannot be created', () => {
  writeFileSync(join(cwd, 'occupied'), '')
  const file = join(cwd, 'occupied', 'crosstrail.yaml')
  expect(() => writeConfigFile(file, '', Date.now())).toThrow(expect.objectContaining({ code: 'disk.not-a-folder' }))
})
