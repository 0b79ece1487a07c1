import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { expect, it } from 'vitest'

import { type DiscoverOptions, foundConfigFile, namedConfigFile } from '../../src/config/discover.ts'
import { emptyFolder, errorOf } from './written.ts'

/** Like `loadConfig`: the named file, else the one that is found. */
function findConfigFile(options: DiscoverOptions): string {
  return namedConfigFile(options) ?? foundConfigFile(options)
}

function touch(...parts: string[]): string {
  const file = path.join(...parts)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, '')
  return file
}

it('--config takes precedence over everything', () => {
  const cwd = emptyFolder()
  touch(cwd, 'crosstrail.yaml')
  expect(findConfigFile({ flag: 'other.yaml', env: { CROSSTRAIL_CONFIG: 'env.yaml' }, cwd })).toBe(
    path.join(cwd, 'other.yaml'),
  )
})

it('CROSSTRAIL_CONFIG takes precedence over found files, even if its file does not exist', () => {
  const cwd = emptyFolder()
  touch(cwd, 'crosstrail.yaml')
  expect(findConfigFile({ env: { CROSSTRAIL_CONFIG: 'env.yaml' }, cwd })).toBe(path.join(cwd, 'env.yaml'))
})

it('an empty CROSSTRAIL_CONFIG is ignored', () => {
  const cwd = emptyFolder()
  const file = touch(cwd, 'crosstrail.yaml')
  expect(findConfigFile({ env: { CROSSTRAIL_CONFIG: '' }, cwd })).toBe(file)
})

it('an empty --config does not fall through to another file', () => {
  const cwd = emptyFolder()
  touch(cwd, 'crosstrail.yaml')
  expect(errorOf(() => findConfigFile({ flag: '', env: {}, cwd })).code).toBe('config.not-found')
})

it('in a folder, .yaml takes precedence over .yml, and .yml over .json', () => {
  const cwd = emptyFolder()
  for (const name of ['crosstrail.json', 'crosstrail.yml', 'crosstrail.yaml']) {
    const file = touch(cwd, name)
    expect(findConfigFile({ env: {}, cwd })).toBe(file)
  }
})

it('the current folder takes precedence over the config folder of the user', () => {
  const [cwd, home] = [emptyFolder(), emptyFolder()]
  const own = touch(home, '.config', 'crosstrail', 'crosstrail.yaml')
  expect(findConfigFile({ env: {}, cwd, home })).toBe(own)
  const here = touch(cwd, 'crosstrail.json')
  expect(findConfigFile({ env: {}, cwd, home })).toBe(here)
})

it('on macOS, the config folder of the user is ~/.config too', () => {
  const home = emptyFolder()
  const file = touch(home, '.config', 'crosstrail', 'crosstrail.yml')
  expect(findConfigFile({ env: {}, cwd: emptyFolder(), home, platform: 'darwin' })).toBe(file)
})

it('XDG_CONFIG_HOME changes the config folder of the user, unless it is relative', () => {
  const [xdg, home] = [emptyFolder(), emptyFolder()]
  const moved = touch(xdg, 'crosstrail', 'crosstrail.yaml')
  const usual = touch(home, '.config', 'crosstrail', 'crosstrail.yaml')
  expect(findConfigFile({ env: { XDG_CONFIG_HOME: xdg }, cwd: emptyFolder(), home })).toBe(moved)
  expect(findConfigFile({ env: { XDG_CONFIG_HOME: 'relative' }, cwd: emptyFolder(), home })).toBe(usual)
})

it('on Windows, the config folder of the user is in %APPDATA%', () => {
  const options = { env: { APPDATA: 'C:\\Users\\ana\\AppData\\Roaming' }, cwd: 'C:\\work', platform: 'win32' } as const
  const looked = String(errorOf(() => findConfigFile(options)).facts['looked'])
  expect(looked.split(', ')).toEqual([
    'C:\\work\\crosstrail.yaml',
    'C:\\work\\crosstrail.yml',
    'C:\\work\\crosstrail.json',
    'C:\\Users\\ana\\AppData\\Roaming\\crosstrail\\crosstrail.yaml',
    'C:\\Users\\ana\\AppData\\Roaming\\crosstrail\\crosstrail.yml',
    'C:\\Users\\ana\\AppData\\Roaming\\crosstrail\\crosstrail.json',
  ])
})

it('the error lists the places if there is no config', () => {
  const cwd = emptyFolder()
  const error = errorOf(() => findConfigFile({ env: {}, cwd, home: '/nowhere' }))
  expect(error.code).toBe('config.not-found')
  expect(error.message).toContain(path.join(cwd, 'crosstrail.yaml'))
  expect(error.message).toContain('/nowhere/.config/crosstrail/crosstrail.json')
})

it('a dangling link is not skipped', () => {
  const [cwd, home] = [emptyFolder(), emptyFolder()]
  touch(home, '.config', 'crosstrail', 'crosstrail.yaml')
  symlinkSync('gone.yaml', path.join(cwd, 'crosstrail.yaml'))
  expect(findConfigFile({ env: {}, cwd, home })).toBe(path.join(cwd, 'crosstrail.yaml'))
})
