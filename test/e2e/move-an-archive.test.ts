import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const bin = join(root, 'dist/bin.cjs')
let folder: string
let lab: ChildProcess

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-move-'))
  lab = spawn(process.execPath, [bin, 'lab', '--dir', './lab', '--objects', '120'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (lab.stdout === null) throw new Error('the lab has no stdout')
  await once(lab.stdout, 'data')
})
afterAll(() => {
  lab?.kill()
  rmSync(folder, { recursive: true, force: true })
})

const blocks = [...readFileSync(join(root, 'docs/MOVE-AN-ARCHIVE.md'), 'utf8').matchAll(/```sh\n([^`]*)```/g)].map(
  ([, commands]) => commands ?? '',
)

function shell(
  commands: string,
): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }> {
  const prelude = `set -e\ncrosstrail() { '${process.execPath}' '${bin}' "$@"; }\n. ./lab/lab.env\n`
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder }
  return new Promise((settle) => {
    execFile('sh', ['-c', prelude + commands], { cwd: folder, env }, (error, stdout, stderr) =>
      settle({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

async function keys(...args: string[]): Promise<string[]> {
  const { stdout } = await shell(`crosstrail list Z --output json ${args.join(' ')}`)
  const lines = stdout.split('\n').filter((line) => line !== '')
  return lines.map((line) => (JSON.parse(line) as { key: string }).key).sort()
}

test('the page has a command for each of its steps', () => {
  expect(blocks.map((block) => /crosstrail (\w+)/.exec(block)?.[1])).toEqual([
    'list',
    'copy',
    'copy',
    'delete',
    'delete',
    'restore',
  ])
})

test('the commands copy, verify, plan, delete and undo', async () => {
  const [look = '', copy = '', verify = '', plan = '', remove = '', restore = ''] = blocks
  expect(await shell(look)).toMatchObject({ exitCode: 0 })
  const before = await keys()
  const old = (await keys('--until', "'3d ago'")).length
  expect(old).toBeGreaterThan(0)

  expect(await shell(copy)).toMatchObject({ exitCode: 0 })
  const verified = await shell(verify)
  expect(verified.exitCode).toBe(0)
  expect(verified.stderr).toContain(`${old} present`)
  const planned = await shell(plan)
  expect(planned.exitCode).toBe(0)
  expect(planned.stdout).toContain(`to delete  ${old} objects`)
  expect(await keys()).toEqual(before)

  expect(await shell(remove)).toMatchObject({ exitCode: 0 })
  expect(await keys()).toHaveLength(before.length - old)
  expect(await shell(restore)).toMatchObject({ exitCode: 0 })
  expect(await keys()).toEqual(before)
})
