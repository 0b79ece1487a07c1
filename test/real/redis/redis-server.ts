import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

/** Set if this machine has no Redis. */
export const missingRedis = hasRedis() ? undefined : 'redis-server is missing: npm run servers installs it'

export interface RedisServerOptions {
  /** Keeps data across restarts. */
  readonly aof?: boolean
  readonly password?: string
  /** Lines of `user`, as in redis.conf. */
  readonly users?: readonly string[]
  readonly policy?: string
  readonly tls?: { readonly certFile: string; readonly keyFile: string }
}

export interface RedisServer {
  readonly port: number
  /** Without a user. */
  readonly url: string
  /** A client that may do everything, for looking at keys. */
  readonly client: Redis
  /** Kills it and starts it again on the same port after a time. */
  restart(awayMs?: number): Promise<void>
  stop(): Promise<void>
}

/** Starts a Redis on loopback that ends with this process. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'crosstrail-redis-'))
  const port = await freePort()
  let server = start(folder, port, options)
  const client = new Redis({ ...adminOptions(port, options) })
  client.on('error', () => undefined)
  await client.ping()
  return {
    port,
    url: `${options.tls === undefined ? 'redis' : 'rediss'}://127.0.0.1:${port}`,
    client,
    async restart(awayMs = 0) {
      await end(server)
      await new Promise((resolve) => setTimeout(resolve, awayMs))
      server = start(folder, port, options)
      await client.ping()
    },
    async stop() {
      client.disconnect()
      await end(server)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function start(folder: string, port: number, options: RedisServerOptions): ChildProcess {
  const { aof = false, password, users = [], policy = 'noeviction', tls } = options
  const always = `--bind 127.0.0.1 --daemonize no --appendfsync always --maxmemory 1gb --maxmemory-policy ${policy}`
  const listening =
    tls === undefined
      ? ['--port', String(port)]
      : [
          ...`--port 0 --tls-port ${port} --tls-auth-clients no`.split(' '),
          '--tls-cert-file',
          tls.certFile,
          '--tls-key-file',
          tls.keyFile,
          '--tls-ca-cert-file',
          tls.certFile,
        ]
  const args = [
    ...always.split(' '),
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    aof ? 'yes' : 'no',
    ...(password === undefined ? [] : ['--requirepass', password]),
    ...users.flatMap((user) => ['--user', ...user.split(' ')]),
    ...listening,
  ]
  const server = spawn('redis-server', args, { stdio: 'ignore' })
  const kill = (): void => void server.kill('SIGKILL')
  process.once('exit', kill)
  server.once('exit', () => process.removeListener('exit', kill))
  return server
}

function adminOptions(port: number, { password, tls }: RedisServerOptions) {
  return {
    host: '127.0.0.1',
    port,
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
    ...(password !== undefined && { password }),
    ...(tls !== undefined && { tls: { rejectUnauthorized: false } }),
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exit = once(server, 'exit')
  server.kill('SIGTERM')
  await exit
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function hasRedis(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
