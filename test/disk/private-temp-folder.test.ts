import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { openPrivateTempFolder } from '../../src/disk/private-temp-folder.ts'
import { codeOf } from './error-code.ts'
import { tempFolder } from './temp-folder.ts'

const host = hostname().replaceAll(/[^A-Za-z0-9.-]/g, '_')

/** Makes a folder such as a run with this pid leaves. */
function leftBy(root: string, pid: number): string {
  const path = join(root, `crosstrail-${host}-${pid}-0123456789ab`)
  mkdirSync(path)
  writeFileSync(join(path, 'run-0'), 'records')
  return path
}

function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '0']).pid
}

test('each folder is in the folder for temporary files, is private and can be removed with its content', () => {
  const [one, other] = [openPrivateTempFolder(), openPrivateTempFolder()]
  expect(one.path).not.toBe(other.path)
  expect(dirname(one.path)).toBe(tmpdir())
  expect(statSync(one.path).mode & 0o777).toBe(0o700)
  writeFileSync(join(one.path, 'run-0'), 'records')
  one.remove()
  one.remove()
  other.remove()
  expect([one.path, other.path].filter((path) => existsSync(path))).toEqual([])
})

test('folders of dead runs are cleared, and other files are kept', () => {
  const root = tempFolder()
  const dead = leftBy(root, deadPid())
  const kept = [leftBy(root, process.ppid), join(root, `other-${host}-${deadPid()}-0123456789ab`)]
  mkdirSync(kept[1] ?? '')
  openPrivateTempFolder(root).remove()
  expect(existsSync(dead)).toBe(false)
  expect(kept.filter((path) => existsSync(path))).toEqual(kept)
})

test.skipIf(process.getuid?.() !== 0)('the folder of a dead run of another user is kept', () => {
  const root = tempFolder()
  const dead = leftBy(root, deadPid())
  chownSync(dead, 12_345, 12_345)
  openPrivateTempFolder(root).remove()
  expect(existsSync(dead)).toBe(true)
})

test.skipIf(process.getuid?.() === 0)('a folder for temporary files that cannot be listed is enough', () => {
  const root = tempFolder()
  chmodSync(root, 0o300)
  openPrivateTempFolder(root).remove()
  chmodSync(root, 0o700)
})

test('a folder for temporary files that is missing is an error', () => {
  expect(codeOf(() => openPrivateTempFolder(join(tempFolder(), 'missing')))).toMatch(/^disk\./)
})

test('a process that exits early removes its folder', () => {
  const root = tempFolder()
  const module = resolve(import.meta.dirname, '../../src/disk/private-temp-folder.ts')
  const script = `
    const { openPrivateTempFolder } = await import(${JSON.stringify(module)})
    const { path } = openPrivateTempFolder(${JSON.stringify(root)})
    ;(await import('node:fs')).writeFileSync(path + '/run-0', 'records')
    console.log(path)
    process.exit(1)`
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    encoding: 'utf8',
  })
  expect(dirname(stdout.trim())).toBe(root)
  expect(readdirSync(root)).toEqual([])
})
