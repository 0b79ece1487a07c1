import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ForeignRun, isDeadRun, openRunFolder, probeCaseSensitivity } from '../../src/disk/run-folder.ts'
import { codeOf } from './error-code.ts'
import { tempFolder } from './temp-folder.ts'

const alive: ForeignRun = { sameHost: true, processAlive: true, isOwnPid: false, beforeThisProcess: true, ageMs: 9e9 }

test.each<[string, Partial<ForeignRun>, boolean]>([
  ['the folder of a running process is kept', {}, false],
  ['the folder of an ended process is dead', { processAlive: false, ageMs: 0 }, true],
  ['a folder of our own pid from before our start is dead', { isOwnPid: true }, true],
  ['the folder of another thread of ours is kept', { isOwnPid: true, beforeThisProcess: false }, false],
  ['the folder of another host is kept for a day', { sameHost: false, processAlive: false, ageMs: 86_400_000 }, false],
  ['the folder of another host is dead after a day', { sameHost: false, ageMs: 86_400_001 }, true],
])('%s', (_law, change, dead) => expect(isDeadRun({ ...alive, ...change })).toBe(dead))

describe('opening', () => {
  test('makes a missing root with its parents, all 0700', () => {
    const root = join(tempFolder(), 'a', 'b')
    const { stateFolder, tempFolder: temp } = openRunFolder(root)
    for (const path of [root, stateFolder, temp]) expect(statSync(path).mode & 0o777).toBe(0o700)
    expect(stateFolder).toBe(join(root, '.crosstrail'))
  })

  test('gives each run its own temp folder', () => {
    const root = tempFolder()
    expect(openRunFolder(root).tempFolder).not.toBe(openRunFolder(root).tempFolder)
    expect(readdirSync(join(root, '.crosstrail', 'tmp'))).toHaveLength(2)
  })

  test('clears only the folders of dead runs', () => {
    const root = tempFolder()
    const tmp = join(root, '.crosstrail', 'tmp')
    const { pid: deadPid } = spawnSync(process.execPath, ['-e', '0'])
    const host = hostname().replaceAll(/[^A-Za-z0-9.-]/g, '_')
    const dead = [`${host}-${deadPid}-0123456789ab`, 'other-host-5-0123456789ab']
    const living = [`${host}-${process.ppid}-0123456789ab`, 'other-host-6-0123456789ab', 'not-ours']
    for (const name of [...dead, ...living]) {
      mkdirSync(join(tmp, name), { recursive: true })
      writeFileSync(join(tmp, name, '0'), 'half a log')
    }
    utimesSync(join(tmp, 'other-host-5-0123456789ab'), 1_000, 1_000)
    openRunFolder(root)
    expect(dead.filter((name) => existsSync(join(tmp, name)))).toEqual([])
    expect(living.filter((name) => existsSync(join(tmp, name, '0')))).toEqual(living)
  })

  test.each(['a file', 'below a file'])('refuses a root that is %s', (where) => {
    const file = join(tempFolder(), 'file')
    writeFileSync(file, '')
    expect(codeOf(() => openRunFolder(where === 'a file' ? file : join(file, 'x')))).toBe('disk.not-a-folder')
  })

  test('refuses a state folder that leads elsewhere', () => {
    const root = tempFolder()
    const elsewhere = tempFolder()
    symlinkSync(elsewhere, join(root, '.crosstrail'))
    expect(codeOf(() => openRunFolder(root))).toBe('disk.not-a-folder')
    expect(readdirSync(elsewhere)).toEqual([])
  })

  test('refuses a read-only root', () => {
    // Not even root may make a folder there.
    expect(codeOf(() => openRunFolder('/proc/crosstrail'))).toBe('disk.not-writable')
  })
})

test('the probe agrees with the file system and leaves nothing', () => {
  const root = tempFolder()
  writeFileSync(join(root, 'a'), '')
  expect(probeCaseSensitivity(root)).toBe(!existsSync(join(root, 'A')))
  expect(readdirSync(root)).toEqual(['a'])
})
