import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { Sessions } from '../../src/app/narrowed-sessions.ts'
import { createHttpClient } from '../../src/s3/http-client.ts'
import { labRoles } from '../../src/lab/fixture.ts'
import { startLab } from '../../src/lab/lab.ts'
import { listRights } from '../../src/verbs/list/options.ts'
import { account, config } from '../cli/fixture.ts'

const servers: Server[] = []

afterEach(() => {
  vi.unstubAllEnvs()
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

async function silentServer(): Promise<string> {
  const server = createServer(() => undefined)
  servers.push(server)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function sessionsUntil(signal: AbortSignal): Sessions {
  const options = { sessionPolicy: true, mfaCode: undefined, askMfaCode: undefined, maxAttempts: undefined, signal }
  return new Sessions(config.trail, options, createHttpClient({ env: {} }))
}

const hanging = account('B', { credentials: { type: 'process', command: 'sleep 30' } })
const withKeys = account('B', { credentials: { type: 'env' }, role: labRoles.B })
const silent = () => undefined

function exportKeys(accessKeyId = 'AKIAENV', secretAccessKey = 's'): void {
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey)
}

test('a signal ends the wait for a credential process', async () => {
  const opening = sessionsUntil(AbortSignal.timeout(50)).open(hanging, listRights, 'all', silent)
  await expect(opening).rejects.toMatchObject({ code: 'interrupted' })
})

test('a signal ends the wait for STS', async () => {
  exportKeys()
  vi.stubEnv('AWS_ENDPOINT_URL_STS', await silentServer())
  const opening = sessionsUntil(AbortSignal.timeout(100)).open(withKeys, listRights, 'all', silent)
  await expect(opening).rejects.toMatchObject({ code: 'interrupted' })
})

test('after a signal, no session is opened, and an open one is still refreshed', async () => {
  const lab = await startLab()
  const stop = new AbortController()
  try {
    exportKeys(lab.principals.bAudit.accessKeyId, lab.principals.bAudit.secretAccessKey)
    vi.stubEnv('AWS_ENDPOINT_URL_STS', lab.endpoint)
    const sessions = sessionsUntil(stop.signal)
    const session = await sessions.open(withKeys, listRights, 'all', silent)
    stop.abort()
    const refused = await session.current()
    expect((await session.renew(refused)).accessKeyId).not.toBe(refused.accessKeyId)
    await expect(sessions.open(withKeys, listRights, 'all', silent)).rejects.toMatchObject({
      code: 'interrupted',
    })
  } finally {
    await lab.stop()
  }
})
