import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { describeUnless } from '../describe-unless.ts'
import { tmpdir } from 'node:os'

const root = resolve(import.meta.dirname, '../..')

/** The command as in the package, with nothing compiled. */
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-compiled-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const path of ['package.json', 'dist/bin.cjs', 'dist/command']) {
    cpSync(join(root, path), join(folder, path), { recursive: true })
  }
  rmSync(join(folder, 'dist/command/compiled'), { recursive: true })
})

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly nodeArgs?: readonly string[]
}

function run(args: readonly string[] = ['--version'], { env = {}, nodeArgs = [] }: RunOptions = {}) {
  const { status, stdout, stderr }: SpawnSyncReturns<string> = spawnSync(
    process.execPath,
    [...nodeArgs, join(folder, 'dist/bin.cjs'), ...args],
    { encoding: 'utf8', env },
  )
  return { status, stdout, stderr }
}

const answer = { status: 0, stdout: `${versionOfPackage()}\n`, stderr: '' }

function versionOfPackage(): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version
}

function entries(path: string): string[] {
  try {
    return readdirSync(join(folder, path)).sort()
  } catch {
    return []
  }
}

const parts = () => entries('dist/command').filter((name) => name.endsWith('.js'))

/** The cached code: every part, in one folder, and nothing else. */
function kept(): { readonly path: string; readonly files: string[] } {
  const folders = entries('dist/command/compiled')
  const path = join('dist/command/compiled', String(folders[0]))
  return { path, files: folders.length === 1 ? entries(path) : [] }
}

const everyPart = () => parts().map((name) => `${name}.code`)

/** Another program of the same length, which V8 cannot distinguish. */
function change(path: string, from: string, to: string): void {
  const text = readFileSync(join(folder, path), 'latin1')
  expect(text).toContain(from)
  expect(to).toHaveLength(from.length)
  writeFileSync(join(folder, path), text.replaceAll(from, to), 'latin1')
}

test('the first run caches the code of every part, and the next run uses it', () => {
  expect(run()).toEqual(answer)
  expect(kept().files).toEqual(everyPart())
  // The cached code runs, not the source. That is why the folder is named after the build
  change('dist/command/start.js', 'did you mean ', 'you may mean ')
  expect(run(['lsit']).stderr).toContain('did you mean list?')
  expect(run(['lsit'], { env: { NODE_DISABLE_COMPILE_CACHE: '1' } }).stderr).toContain('you may mean list?')
})

test('only the owner can write the cached code, with any umask', () => {
  const command = [process.execPath, join(folder, 'dist/bin.cjs'), '--version']
  spawnSync('sh', ['-c', 'umask 0; exec "$@"', 'sh', ...command])
  const { path, files } = kept()
  const paths = ['dist/command/compiled', path, ...files.map((name) => join(path, name))]
  expect(paths.map((each) => statSync(join(folder, each)).mode & 0o022)).toEqual(paths.map(() => 0))
  expect(files).toEqual(everyPart())
})

test('does not use the code of another build', () => {
  run()
  change('dist/command/start.js', 'did you mean ', 'you may mean ')
  const stub = readFileSync(join(folder, 'dist/bin.cjs'), 'utf8')
  writeFileSync(join(folder, 'dist/bin.cjs'), stub.replace(/'[0-9a-f]{16}'/, "'0123456789abcdef'"))
  expect(run(['lsit']).stderr).toContain('you may mean list?')
})

test('compiles damaged code again instead of running it', () => {
  run()
  const { path } = kept()
  const file = join(folder, path, 'start.js.code')
  const whole = readFileSync(file)
  for (const damaged of [
    flipped(whole, whole.length >> 1),
    whole.subarray(0, 1000),
    Buffer.alloc(0),
    flipped(whole, 3),
  ]) {
    writeFileSync(file, damaged)
    expect(run()).toEqual(answer)
    expect(kept()).toEqual({ path, files: everyPart() })
    expect(readFileSync(file).equals(damaged)).toBe(false)
  }
})

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[at] = changed.readUInt8(at) ^ 0x10
  return changed
}

test('with other V8 flags the command runs, and the cached code stays', () => {
  run()
  const file = join(folder, kept().path, 'start.js.code')
  const before = readFileSync(file)
  expect(run(['--version'], { nodeArgs: ['--no-opt'] })).toEqual(answer)
  expect(readFileSync(file)).toEqual(before)
})

test('caches nothing if the run fails or the cache is off', () => {
  expect(run(['lsit']).status).toBe(2)
  expect(run(['--version'], { env: { NODE_DISABLE_COMPILE_CACHE: '1' } })).toEqual(answer)
  expect(entries('dist/command/compiled')).toEqual([])
})

test('works without a writable folder', () => {
  writeFileSync(join(folder, 'dist/command/compiled'), 'a file in its place')
  expect(run()).toEqual(answer)
  expect(run()).toEqual(answer)
})

test('one of several concurrent first runs caches its code', async () => {
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, [join(folder, 'dist/bin.cjs'), '--version'], { env: {}, stdio: 'ignore' }),
  )
  const ends = await Promise.all(children.map((child) => once(child, 'close')))
  expect(ends).toEqual(children.map(() => [0, null]))
  expect(kept().files).toEqual(everyPart())
  expect(run()).toEqual(answer)
})

const isRoot = process.geteuid?.() === 0

describeUnless(isRoot ? undefined : 'only root can give a folder away', "a program that is another user's", () => {
  test('root writes nothing into it', () => {
    chownSync(join(folder, 'dist/command'), 12_345, 12_345)
    expect(run()).toEqual(answer)
    expect(entries('dist/command/compiled')).toEqual([])
  })
})
