import { EventEmitter } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { main } from '../../src/cli/main.ts'
import type { OpenApp } from '../../src/app/crosstrail.ts'
import { type Fleets, lazyFleets } from '../../src/cli/fleet/fleets.ts'

export class Sink extends Writable {
  text = ''
  isTTY: boolean | undefined
  columns: number | undefined

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.text += chunk.toString('utf8')
    done()
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1)
  }
}

export class TestHost extends EventEmitter {
  readonly env: Record<string, string | undefined>
  readonly stdin = new PassThrough()
  readonly stdout: Sink | Writable
  readonly stderr = new Sink()
  readonly exits: number[] = []

  constructor(env: Record<string, string | undefined> = {}, stdout: Sink | Writable = new Sink()) {
    super()
    this.env = env
    this.stdout = stdout
  }

  exit(code: number): void {
    this.exits.push(code)
  }
}

export async function runCli(
  line: string,
  { env = {}, services, fleets }: { env?: Record<string, string>; services?: OpenApp; fleets?: Fleets } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const stdout = new Sink()
  const host = new TestHost(env, stdout)
  const code = await main(line === '' ? [] : line.split(' '), host, services ?? noServices, fleets ?? lazyFleets)
  return { code, stdout: stdout.text, stderr: host.stderr.text }
}

const noServices: OpenApp = () => Promise.reject(new Error('this test must not open the app'))
