import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { crosstrail, jsonLines } from './built-command.ts'
import { type ClientFolder, makeClientFolder } from './client-folder.ts'
import { rehome, sampleLogs } from './real-logs.ts'
import { makeAccounts, putLogs, type RgwAccounts } from './rgw-accounts.ts'
import { describeWithRgw, type RgwServer, startRgw } from './rgw-server.ts'

const logs = rehome(sampleLogs(), '222222222222')

describeWithRgw('init on a store that is not AWS', () => {
  let server: RgwServer
  let accounts: RgwAccounts
  let client: ClientFolder

  beforeAll(async () => {
    server = await startRgw()
    accounts = await makeAccounts(server)
    await putLogs(accounts, logs)
    client = makeClientFolder(accounts)
  })

  afterAll(async () => {
    client?.remove()
    await server?.stop()
  })

  const init = (file: string, more: readonly string[] = []) => {
    const { bucket, owner, B } = accounts
    const trail = ['--config', file, '--bucket', bucket, '--owner', owner, ...more]
    const account = ['--label', 'B', '--account-id', B.id, '--role', B.role, '--credentials', 'profile:b-audit']
    return crosstrail(['init', ...trail, ...account], client.env)
  }

  it('says to pass --bucket-region if the store does not show the region', async () => {
    const { exitCode, stderr } = await init(path.join(client.folder, 'untold.yaml'))
    expect(exitCode).toBe(2)
    expect(stderr).toContain('give the region with --bucket-region')
  })

  it('writes a config that lists the logs with --bucket-region', async () => {
    const file = path.join(client.folder, 'told.yaml')
    expect(await init(file, ['--bucket-region', accounts.region])).toMatchObject({ exitCode: 0 })
    const { exitCode, stdout } = await crosstrail(['list', 'B', '--config', file, '--output', 'json'], client.env)
    expect(exitCode).toBe(0)
    expect(jsonLines(stdout)).toHaveLength(logs.size)
  })
})
