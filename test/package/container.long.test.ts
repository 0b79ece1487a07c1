import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeUnless } from '../describe-unless.ts'
import { mayDelete, oldWindow, olderHalf } from '../e2e/support/delete-world.ts'
import { labWorld, type LabWorld } from '../e2e/support/lab-world.ts'
import { mirrorOf, storedLogs } from '../e2e/support/stored-logs.ts'
import { treeOf } from '../e2e/support/tree.ts'
import { BuiltImage, missingForImage } from './built-image.ts'
import { otherUser } from './root-folder.ts'

const { version } = createRequire(import.meta.url)('../../package.json') as { readonly version: string }
const app = 'opt/crosstrail'

describeUnless(missingForImage(), 'the container image, built without an engine', () => {
  let image: BuiltImage
  let world: LabWorld
  let work: string
  let env: Record<string, string>
  let folders = 0

  beforeAll(async () => {
    work = mkdtempSync(join(tmpdir(), 'crosstrail-container-'))
    chmodSync(work, 0o755)
    image = new BuiltImage(mkdtempSync(join(work, 'image-')), [
      'PACKAGES=bullmq ioredis',
      'REVISION=0123abc',
      'SOURCE=https://git.example.com/crosstrail',
    ])
    world = await labWorld({ sample: { objects: 300, window: oldWindow } })
    const { HOME = '', PATH: _path, ...others } = world.env
    const config = join(work, 'config')
    cpSync(HOME, config, { recursive: true })
    const file = join(config, 'crosstrail.yaml')
    writeFileSync(file, mayDelete(readFileSync(file, 'utf8')))
    execFileSync('chown', ['-R', `${otherUser}:${otherUser}`, config])
    env = Object.fromEntries(Object.entries(others).map(([name, value]) => [name, value.replace(HOME, '/config')]))
  })
  afterAll(async () => {
    image?.unmount()
    await world?.stop()
    rmSync(work, { recursive: true, force: true })
  })

  /** A new volume, with the owner and mode that an engine gives it: those of /data in the image. */
  function newVolume(): string {
    const volume = join(work, `volume${++folders}`)
    const { uid, gid, mode } = statSync(join(image.root, 'data'))
    mkdirSync(volume)
    chmodSync(volume, mode)
    chownSync(volume, uid, gid)
    return volume
  }

  const start = (args: readonly string[], volume = newVolume(), more: Readonly<Record<string, string>> = {}) =>
    image.start(args, volume, join(work, 'config'), { ...env, ...more })

  test('its settings are a numeric user other than root, the entry point crosstrail, and labels', () => {
    const { User, Entrypoint, WorkingDir, Labels } = image.config
    expect({ User, Entrypoint, WorkingDir }).toEqual({
      User: `${otherUser}:${otherUser}`,
      Entrypoint: ['crosstrail'],
      WorkingDir: '/data',
    })
    expect(Labels).toMatchObject({
      'org.opencontainers.image.title': 'crosstrail',
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.revision': '0123abc',
      'org.opencontainers.image.source': 'https://git.example.com/crosstrail',
    })
  })

  test('its bill of materials names each package in the command or beside it, and no package of developers', () => {
    const { components } = JSON.parse(readFileSync(join(image.root, app, 'sbom.cdx.json'), 'utf8')) as {
      readonly components: readonly { readonly 'bom-ref': string }[]
    }
    const listed = components.map((component) => component['bom-ref'])
    const texts = readFileSync(join(image.root, app, 'licenses/packages'), 'utf8')
    const bundled = [...texts.matchAll(/^(\S+) (\d+\.\S+) \([^)]+\)$/gm)].map(([, name, of]) => `${name}@${of}`)
    expect(bundled.length).toBeGreaterThan(20)
    expect(bundled.filter((one) => !listed.includes(one))).toEqual([])
    for (const name of ['zlib-streams', 'bullmq', 'ioredis', 'msgpackr']) {
      expect(listed).toContainEqual(expect.stringContaining(`${name}@`))
    }
    expect(listed.filter((one) => /^(?:vitest|typescript|tsx|rolldown|@duckdb\/node-api)@/.test(one))).toEqual([])
    expect(readdirSync(join(image.root, app, 'licenses')).sort()).toEqual(['crosstrail', 'node', 'packages'])
  })

  test('it has only the packages that are loaded as packages, and nothing that its user can change', () => {
    const packages = readdirSync(join(image.root, app, 'node_modules'))
    expect(packages).toEqual(expect.arrayContaining(['zlib-streams', 'bullmq', 'ioredis']))
    expect(packages.filter((name) => /^(?:@aws-sdk|@types|@duckdb|typescript|yargs)$/.test(name))).toEqual([])
    const open = execFileSync('find', [join(image.root, 'opt'), join(image.root, 'usr'), ...writable], {
      encoding: 'utf8',
    })
    expect(open).toBe('')
    expect(statSync(join(image.root, 'data')).mode & 0o777).toBe(0o700)
  })

  test('--version --verbose names the optional packages of the build', async () => {
    const { exitCode, stdout } = await start(['--version', '--verbose']).result
    expect(exitCode).toBe(0)
    expect(stdout).toContain(`crosstrail  ${version}\nNode        24.`)
    expect(stdout).toMatch(/^bullmq +\d/m)
    expect(stdout).toMatch(/^@duckdb\/node-api +absent/m)
  })

  test('the code that V8 compiled in the build is kept for the Node of the image', () => {
    const compiled = readdirSync(join(image.root, app, 'dist/command/compiled'))
    expect(compiled).toEqual([expect.stringMatching(/^[\da-f]{16}-v24\.[\d.]+-x64$/)])
  })

  test('with a read-only root file system, list and download with two threads work', async () => {
    const volume = newVolume()
    const listed = await start(['list', 'Z', '--summary'], volume).result
    expect(listed).toMatchObject({ exitCode: 0 })
    const answer = await start(['download', 'Z', '--to', '/data/logs', '--threads', '2'], volume).result
    expect(answer).toMatchObject({ exitCode: 0 })
    expect(treeOf(join(volume, 'logs'))).toEqual(mirrorOf(storedLogs(world.lab)))
    expect(statSync(join(volume, 'logs')).uid).toBe(otherUser)
  })

  test('the plan of a deletion goes to the volume, because the home folder cannot be written', async () => {
    const volume = newVolume()
    const planned = await start(['delete', 'Z', ...olderHalf], volume).result
    expect(planned).toMatchObject({ exitCode: 4 })
    expect(readdirSync(volume)).toEqual(['state'])
    expect(readdirSync(join(volume, 'state/crosstrail'))).not.toEqual([])
  })

  test('SIGTERM to process 1 ends a pull in order, and the next pull completes it', async () => {
    const volume = newVolume()
    let gets = 0
    const pull = ['pull', 'Z', '--to', '/data/logs', '--since', '2020-01-01', '--concurrency', '8']
    const running = start(pull, volume)
    world.lab.setFaults({
      hook: ({ operation }) => {
        if (operation !== 'GetObject') return undefined
        gets += 1
        if (gets === 40) process.kill(running.first(), 'SIGTERM')
        return gets < 40 ? undefined : { latencyMs: 50 }
      },
    })
    const { exitCode, stderr } = await running.result
    world.lab.setFaults({})
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 143 })
    expect(stderr).toContain('interrupted before the end')
    expect(await start(pull, volume).result).toMatchObject({ exitCode: 0 })
    expect(treeOf(join(volume, 'logs'))).toEqual(mirrorOf(storedLogs(world.lab)))
  })

  test('HEALTHCHECK asks the server of --listen', async () => {
    const port = await freePort()
    const pull = ['pull', 'B', '--to', '/data/logs', '--every', '1h', '--listen', `127.0.0.1:${port}`]
    const running = start(pull)
    await vi.waitFor(() => expect(image.checkHealth(running.first())).toEqual({ status: 0, stdout: 'ok\n' }), longest)
    process.kill(running.first(), 'SIGTERM')
    expect(await running.result).toMatchObject({ exitCode: 143 })
  })

  test('HEALTHCHECK of a command that serves no health page is healthy for as long as it runs', async () => {
    const running = start(['lab'])
    await vi.waitFor(() => expect(running.stdout()).toContain('The lab is running'), longest)
    expect(image.checkHealth(running.first())).toEqual({ status: 0, stdout: 'running, without --listen\n' })
    process.kill(running.first(), 'SIGTERM')
    expect(await running.result).toMatchObject({ exitCode: 0 })
  })
})

const longest = { timeout: 60_000, interval: 100 }
const writable = [
  '(',
  '-perm',
  '/022',
  '-not',
  '-type',
  'l',
  '-o',
  '-user',
  String(otherUser),
  '-o',
  '-perm',
  '/6000',
  ')',
]

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
