import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { bundledProgram } from './bundled-program.ts'

/** A CONNECT proxy in a separate process. */
export interface Proxy {
  readonly endpoint: string
  /** User and system, since its start, in steps of 10 ms. */
  cpuSeconds(): number
  stop(): Promise<void>
}

/** The kernel counts in hundredths of a second on every Linux that Node runs on. */
const ticksPerSecond = 100

/** `ports` maps the `host:port` that a client requests to a port on this machine. All other targets are refused. */
export async function startProxy(below: string, ports: Readonly<Record<string, number>>): Promise<Proxy> {
  const folder = mkdtempSync(join(below, 'proxy-'))
  const program = await bundledProgram('connect-proxy', folder)
  const pairs = Object.entries(ports).map(([name, port]) => `${name}=${port}`)
  const child = spawn(process.execPath, [program, ...pairs], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const [port] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended])) as unknown[]
  if (typeof port !== 'string') throw new Error(`the proxy ended with ${String(port)}`)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    cpuSeconds: () => {
      // The name in brackets may hold spaces; the 12th and 13th fields after it are user and system.
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
    },
    stop: async () => {
      child.stdin.end()
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
