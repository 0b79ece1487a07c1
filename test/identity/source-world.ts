import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type RequestListener, type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, vi } from 'vitest'

import type { SessionSource } from '../../src/identity/session-account.ts'
import type { SigningKeys } from '../../src/identity/signing-keys.ts'
import { type SourceOptions, sourceKeys } from '../../src/identity/sources.ts'

let folder = ''
const servers: Server[] = []

export const secret = 'very-secret-value'
export const laterIso = new Date(Date.now() + 3_600_000).toISOString()

/** Gives each test of a file an environment without AWS variables, and shared files in an empty folder. */
export function useEmptyWorld(): void {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crosstrail-sources-'))
    for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
    vi.stubEnv('AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'true')
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
    vi.stubEnv('AWS_CONFIG_FILE', inFolder('config'))
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', inFolder('credentials'))
    vi.stubEnv('HOME', folder)
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    for (const server of servers.splice(0)) server.close().closeAllConnections()
    await rm(folder, { recursive: true })
  })
}

export function inFolder(name: string): string {
  return join(folder, name)
}

/** Writes one of the shared files. */
export async function shared(name: 'config' | 'credentials', text: string): Promise<void> {
  await writeFile(inFolder(name), text)
}

export function keysOf(source: SessionSource, options: Partial<SourceOptions> = {}): Promise<SigningKeys> {
  return sourceKeys(source, {
    account: 'B',
    region: 'us-east-1',
    sessionName: 'crosstrail-B',
    mfaCode: async () => '123456',
    ...options,
  })()
}

/** Starts a server on loopback for one test. Returns its address. */
export async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
