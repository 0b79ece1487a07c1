import { spawn, spawnSync } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe } from 'vitest'

/** A server that imitates AWS, written by others. It checks no signatures. */
export interface MotoServer {
  readonly endpoint: string
  stop(): Promise<void>
}

/** `describe` for tests that need moto_server. It is not installed by `npm run servers`, so without it they are always skipped, with the reason. */
export function describeWithMoto(title: string, tests: () => void): void {
  const { status } = spawnSync('moto_server', ['--help'], { stdio: 'ignore' })
  if (status === 0) return void describe(title, tests)
  process.stderr.write(`skipped: ${title} (no moto_server here: pip install "moto[server]")\n`)
  describe.skip(title, tests)
}

export async function startMoto(): Promise<MotoServer> {
  const port = await freePort()
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const endpoint = `http://127.0.0.1:${port}`
  const answers = () =>
    fetch(endpoint).then(
      () => true,
      () => false,
    )
  const stop = () => {
    child.kill()
    return ended
  }
  const endMs = performance.now() + 60_000
  while (!(await answers())) {
    if (performance.now() > endMs) {
      await stop()
      throw new Error('moto_server did not start within a minute')
    }
    await sleep(100)
  }
  return { endpoint, stop }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
