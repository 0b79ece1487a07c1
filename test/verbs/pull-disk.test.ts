import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { codeOfAsync } from '../disk/error-code.ts'
import { openPullWorld } from './pull-world.ts'

const disk = process.platform === 'linux' && process.getuid?.() === 0 ? tryMount() : undefined
if (disk === undefined) process.stderr.write('skipped: a full or read-only disk needs the right to mount a tmpfs\n')

afterAll(() => {
  if (disk === undefined) return
  execFileSync('umount', [disk])
  rmdirSync(disk)
})

function tryMount(): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'crosstrail-pull-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path], { stdio: 'ignore' })
    return path
  } catch {
    rmdirSync(path)
    return undefined
  }
}

test.skipIf(disk === undefined)('a pull that fills the disk ends, and one with room takes the rest', async () => {
  const to = disk ?? ''
  const world = await openPullWorld({ sample: { objects: 400 } })
  try {
    const full = await world.pull({ to })
    expect(full.error?.code).toMatch(/^disk\.(?:full|journal)$/)
    execFileSync('mount', ['-o', 'remount,size=100m', to])
    const rest = await world.pull({ to })
    expect(rest.error).toBeUndefined()
    expect(rest.streams.reduce((sum, { objects }) => sum + objects, 0)).toBe(400)

    execFileSync('mount', ['-o', 'remount,ro', to])
    expect(await codeOfAsync(() => world.pull({ to }))).toBe('disk.not-writable')
    execFileSync('mount', ['-o', 'remount,rw', to])
    expect((await world.pull({ to })).total).toMatchObject({ done: 0, failed: 0 })
  } finally {
    await world.close()
  }
})
