import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeCertificate } from './certificate.ts'
import { nginxConfig, type NginxOptions, type NginxTls } from './nginx-config.ts'
import { writeKeys } from './stored-keys.ts'
import type { StoredLog } from './stored-log.ts'

/** An S3 bucket that answers faster than its clients ask, for speed only. */
export interface FastServer {
  readonly endpoint: string
  /** What a client needs in addition if the endpoint uses TLS. */
  readonly tls: ServerTls | undefined
  /** The number of listings requested since the last call. */
  takeListCalls(): Promise<number>
  stop(): Promise<void>
}

export interface ServerTls {
  /** PEM of the authority to trust. */
  readonly authorityFile: string
  /** The endpoint of the STS that was given at the start. */
  readonly stsEndpoint: string
  /** The ports at which a proxy finds the other hosts of the certificate. */
  readonly hosts: Readonly<Record<keyof typeof proxiedHosts, number>>
}

export interface FastServerOptions extends Pick<
  NginxOptions,
  'bucket' | 'bodies' | 'latencyMs' | 'refusedShare' | 'publicKeys'
> {
  /** The parent of the server's folder. */
  readonly below: string
  readonly logs: Iterable<StoredLog>
  /** S3 and the STS at this address answer over TLS. */
  readonly tlsWithSts?: string
}

/** Host names that only the configured proxy can resolve. */
export const proxiedHosts = { s3: 's3.bench.test', sts: 'sts.bench.test' } as const

export async function startFastServer(options: FastServerOptions): Promise<FastServer> {
  const { below, logs, tlsWithSts, ...others } = options
  const folder = mkdtempSync(join(below, 'nginx-'))
  const port = await freePort()
  mkdirSync(join(folder, 'tmp'))
  writeKeys(folder, logs)
  const tls = tlsWithSts === undefined ? undefined : await tlsOf(folder, tlsWithSts)
  const file = join(folder, 'nginx.conf')
  writeFileSync(file, nginxConfig({ ...others, folder, port, tls }))
  const nginx = spawn('nginx', ['-c', file, '-e', join(folder, 'error.log'), '-g', 'daemon off;'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const plainEndpoint = `http://127.0.0.1:${port}`
  const takeListCalls = async () => Number(await (await fetch(`${plainEndpoint}/calls`)).text())
  await answers(takeListCalls, nginx)
  return {
    endpoint: tls === undefined ? plainEndpoint : `https://127.0.0.1:${tls.port}`,
    tls: tls && {
      authorityFile: tls.certificate.authorityFile,
      stsEndpoint: `https://127.0.0.1:${tls.stsPort}`,
      hosts: { s3: tls.port, sts: tls.stsPort },
    },
    takeListCalls,
    stop: async () => {
      const ended = new Promise((resolve) => nginx.once('exit', resolve))
      nginx.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function tlsOf(folder: string, stsEndpoint: string): Promise<NginxTls> {
  const certificate = makeCertificate(folder, ['127.0.0.1', 'localhost', ...Object.values(proxiedHosts)])
  return { certificate, port: await freePort(), stsPort: await freePort(), stsEndpoint }
}

async function answers(ask: () => Promise<unknown>, nginx: ChildProcess): Promise<void> {
  // The server needs some seconds to read a million keys.
  const deadlineMs = Date.now() + 60_000
  for (;;) {
    if (nginx.exitCode !== null) throw new Error(`nginx ended with ${nginx.exitCode}`)
    const failure = await ask().then(
      () => undefined,
      (error: unknown) => error,
    )
    if (failure === undefined) return
    if (Date.now() > deadlineMs) throw failure
    await sleep(50)
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

/** Undefined if nginx with Lua is installed, otherwise a line that says how to install it. */
export function fastServerMissing(): string | undefined {
  try {
    execFileSync('sh', ['-c', 'command -v nginx && test -e /usr/share/nginx/modules-available/mod-http-lua.conf'])
    return undefined
  } catch {
    return 'no nginx with Lua here: run `apt-get install nginx-light libnginx-mod-http-lua` as root on Debian'
  }
}
