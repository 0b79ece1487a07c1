import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeCoverageFile } from '../../src/disk/coverage-file.ts'
import type { CommandResult } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
/** The target of a pull of events, with a growing file. */
let pulled: string

const pullArgs = ['--since', '2026-10-31', '--format', 'ndjson', '--rotate', '7d']

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 3, foreign: false } })
  pulled = world.newPath()
  // A pull without --every leaves no growing file
  const { child, result } = world.start(['pull', 'Z', '--to', pulled, ...pullArgs, '--every', '7d'])
  for (let said = ''; !/^(?:pulled|swept) 3 logs/m.test(said);) {
    const [text] = (await once(child.stderr ?? child, 'data')) as [string]
    said += text
  }
  child.kill('SIGTERM')
  expect(await result).toMatchObject({ exitCode: 143 })
})
afterAll(() => world.stop())

type Plant = (path: string, outside: string) => void

const plants = {
  'a symbolic link that leads nowhere': (path, outside) => symlinkSync(join(outside, 'none'), path),
  'a FIFO': (path) => void execFileSync('mkfifo', [path]),
  'a folder': (path) => mkdirSync(path),
} as const satisfies Readonly<Record<string, Plant>>

/** The files of a pull. The names of the last two begin or end like this. */
const files = ['lock', 'coverage.json', 'coverage.previous.json', 'ndjson/ids-', '.part'] as const

function newTarget(): { readonly to: string; readonly outside: string } {
  const to = world.newPath()
  cpSync(pulled, to, { recursive: true })
  const outside = world.newPath()
  mkdirSync(outside)
  writeFileSync(join(outside, 'file'), 'somebody else’s')
  return { to, outside }
}

function pathOf(to: string, name: string): string {
  const state = join(to, '.crosstrail')
  const found = readdirSync(state, { recursive: true, encoding: 'utf8' }).find(
    (path) => path.startsWith(name) || path.endsWith(name),
  )
  return join(state, found ?? name)
}

/** Runs a command that must end by itself. If it waits, it is killed and has no exit code. */
async function runWithin(args: readonly string[], ms: number): Promise<CommandResult> {
  const { child, result } = world.start(args)
  const timer = setTimeout(() => child.kill('SIGKILL'), ms)
  return result.finally(() => clearTimeout(timer))
}

function expectRefused({ exitCode, stderr }: CommandResult, path: string, code: string): void {
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 })
  expect(stderr).toContain(`"code":"${code}"`)
  expect(stderr).toContain(path)
  expect(stderr).not.toMatch(/unknown|\n +at /)
}

const expectUntouched = (outside: string) => {
  expect(readdirSync(outside)).toEqual(['file'])
  expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('somebody else’s')
}

describe.concurrent('a pull ends at once and names the file if', () => {
  const cases = files.flatMap((file) => Object.keys(plants).map((what) => [file, what as keyof typeof plants] as const))
  test.each(cases)('%s is %s', async (file, what) => {
    const { to, outside } = newTarget()
    const path = pathOf(to, file)
    rmSync(path, { force: true })
    plants[what](path, outside)
    const ended = await runWithin(['pull', 'Z', '--to', to, ...pullArgs, '--output', 'json'], 30_000)
    expectRefused(ended, path, 'disk.not-a-file')
    expectUntouched(outside)
  })
})

describe.concurrent('a command ends at once and names the folder if', () => {
  const folders = ['.crosstrail', '.crosstrail/ndjson', '.crosstrail/tmp']
  const kinds = ['a symbolic link to a folder', 'a FIFO'] as const
  test.each(folders.flatMap((folder) => kinds.map((what) => [folder, what] as const)))(
    '%s is %s',
    async (folder, what) => {
      const { to, outside } = newTarget()
      const path = join(to, folder)
      rmSync(path, { force: true, recursive: true })
      if (what === 'a FIFO') plants[what](path)
      else symlinkSync(outside, path)
      const args = folder.endsWith('tmp') ? ['download', 'Z', '--to', to] : ['pull', 'Z', '--to', to, ...pullArgs]
      expectRefused(await runWithin([...args, '--output', 'json'], 30_000), path, 'disk.not-a-folder')
      expectUntouched(outside)
    },
  )
})

test('a lock that names no process stops a pull, even with --if-free', async () => {
  const { to } = newTarget()
  const path = join(to, '.crosstrail/lock')
  writeFileSync(path, 'null')
  const args = ['pull', 'Z', '--to', to, ...pullArgs, '--if-free', '--output', 'json']
  expectRefused(await runWithin(args, 30_000), path, 'lock.unreadable')
})

test('a coverage with a right checksum and a wrong shape stops pull and pull status', async () => {
  const { to } = newTarget()
  const path = join(to, '.crosstrail/coverage.json')
  writeCoverageFile(join(to, '.crosstrail'), '{"trail": null}')
  for (const args of [
    ['pull', 'Z', '--to', to, ...pullArgs],
    ['pull', 'status', '--to', to],
  ]) {
    const ended = await runWithin([...args, '--output', 'json'], 30_000)
    expectRefused(ended, path, 'coverage.damaged')
  }
})

test('refuses a far too large coverage without reading it', async () => {
  const { to } = newTarget()
  const path = join(to, '.crosstrail/coverage.json')
  truncateSync(path, 2 ** 36)
  const ended = await runWithin(['pull', 'Z', '--to', to, ...pullArgs, '--output', 'json'], 30_000)
  expectRefused(ended, path, 'disk.too-large')
})

test('refuses a FIFO as a metrics file', async () => {
  const path = `${world.newPath()}.prom`
  execFileSync('mkfifo', [path])
  const args = ['pull', 'Z', '--to', world.newPath(), ...pullArgs, '--metrics-file', path, '--output', 'json']
  expectRefused(await runWithin(args, 30_000), path, 'disk.not-a-file')
})
