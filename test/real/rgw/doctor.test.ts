import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { crosstrail, jsonLines } from './built-command.ts'
import { type ClientFolder, makeClientFolder } from './client-folder.ts'
import { rehome, sampleLogs } from './real-logs.ts'
import { makeAccounts, ownerClient, putLogs, type RgwAccounts } from './rgw-accounts.ts'
import { describeWithRgw, type RgwServer, startRgw } from './rgw-server.ts'

const logs = rehome(sampleLogs(), '222222222222')

describeWithRgw('a doctor at a store that is no AWS', () => {
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

  // Of KMS the store knows nothing, and takes no session policy that speaks of it.
  const doctor = async (entry: object, more: readonly string[] = ['--no-session-policy']) => {
    const file = path.join(client.folder, 'doctor.json')
    const { bucket, owner, region } = accounts
    writeFileSync(file, JSON.stringify({ trail: { bucket, owner, region }, accounts: { X: entry } }))
    const { exitCode, stdout } = await crosstrail(['doctor', '--config', file, '--output', 'json', ...more], client.env)
    const steps = jsonLines(stdout)
    return { exitCode, steps, of: (name: string) => steps.find(({ step }) => step === name) }
  }
  const keysThere = async () => {
    const s3 = ownerClient(accounts.endpoint, accounts.ownerKeys)
    const { Versions = [], DeleteMarkers = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: accounts.bucket }),
    )
    s3.destroy()
    return [...Versions, ...DeleteMarkers].map(({ Key }) => Key)
  }
  const b = () => ({ id: accounts.B.id, role: accounts.B.role, credentials: { profile: 'b-audit' } })
  const z = () => ({ id: accounts.Z.id, role: accounts.Z.role, credentials: { profile: 'z-audit' }, reads: 'all' })

  it('a reader of its own logs gets in', async () => {
    const { exitCode, of } = await doctor(b())
    expect(of('role')).toMatchObject({ status: 'ok' })
    expect(of('list')).toMatchObject({ status: 'ok' })
    expect(of('read')).toMatchObject({ status: 'ok' })
    expect(exitCode).toBe(0)
  })

  it('a role that does not trust the caller is told, with what both sides would say', async () => {
    const { exitCode, of } = await doctor({ ...b(), credentials: { profile: 'z-audit' } })
    expect(of('role')).toMatchObject({ status: 'failed', code: 'access.assume-role-denied' })
    expect(exitCode).toBe(3)
  })

  it('an account that is to list only gets in with its session narrowed', async () => {
    const { exitCode, of } = await doctor({ ...b(), allow: ['list'] }, [])
    expect(of('list')).toMatchObject({ status: 'ok' })
    expect(exitCode).toBe(0)
  })

  it('a store that does not take the session policy is told of, with what to do', async () => {
    const { exitCode, of } = await doctor(b(), [])
    expect(of('role')).toMatchObject({
      status: 'failed',
      fixes: [{ does: expect.stringContaining('--no-session-policy') }],
    })
    expect(exitCode).toBe(3)
  })

  it('a role that may not list is told', async () => {
    const { exitCode, of } = await doctor({ ...b(), reads: [accounts.C.id] })
    expect([of('bucket')?.['status'], of('list')?.['status']]).toContain('failed')
    expect(exitCode).toBe(3)
  })

  it('rights to write are looked for, and nothing is touched', async () => {
    const before = await keysThere()
    const writer = { ...z(), allow: ['list', 'download', 'copy', 'delete'] }
    const { of } = await doctor(writer, ['--to', `s3://${accounts.bucket}/copies`, '--no-session-policy'])
    expect(of('put')).toMatchObject({ status: 'ok', message: expect.stringContaining('400 BadDigest') })
    // The store holds no condition against a delete: there was nothing to go.
    expect(of('delete')).toMatchObject({ status: 'warning', code: 'bucket.ignores-conditions' })
    expect(await keysThere()).toEqual(before)
  })
})
