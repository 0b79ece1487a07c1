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

describeWithRgw('doctor on a store that is not AWS', () => {
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

  // RGW has no KMS, and refuses session policies that name it.
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

  it('passes for a reader of its own logs', async () => {
    const { exitCode, of } = await doctor(b())
    expect(of('role')).toMatchObject({ status: 'ok' })
    expect(of('list')).toMatchObject({ status: 'ok' })
    expect(of('read')).toMatchObject({ status: 'ok' })
    expect(exitCode).toBe(0)
  })

  it('fails if the role does not trust the caller', async () => {
    const { exitCode, of } = await doctor({ ...b(), credentials: { profile: 'z-audit' } })
    expect(of('role')).toMatchObject({ status: 'failed', code: 'access.assume-role-denied' })
    expect(exitCode).toBe(3)
  })

  it('passes with a session policy for an account that may only list', async () => {
    const { exitCode, of } = await doctor({ ...b(), allow: ['list'] }, [])
    expect(of('list')).toMatchObject({ status: 'ok' })
    expect(exitCode).toBe(0)
  })

  it('suggests --no-session-policy if the store refuses the session policy', async () => {
    const { exitCode, of } = await doctor(b(), [])
    expect(of('role')).toMatchObject({
      status: 'failed',
      fixes: [{ does: expect.stringContaining('--no-session-policy') }],
    })
    expect(exitCode).toBe(3)
  })

  it('fails if the role may not list', async () => {
    const { exitCode, of } = await doctor({ ...b(), reads: [accounts.C.id] })
    expect([of('bucket')?.['status'], of('list')?.['status']]).toContain('failed')
    expect(exitCode).toBe(3)
  })

  it('checks the rights to write, and changes nothing', async () => {
    const before = await keysThere()
    const writer = { ...z(), allow: ['list', 'download', 'copy', 'delete'] }
    const { of } = await doctor(writer, ['--to', `s3://${accounts.bucket}/copies`, '--no-session-policy'])
    expect(of('put')).toMatchObject({ status: 'ok', message: expect.stringContaining('400 BadDigest') })
    // The store ignores conditions of a delete. The key did not exist, so nothing was deleted.
    expect(of('delete')).toMatchObject({ status: 'warning', code: 'bucket.ignores-conditions' })
    expect(await keysThere()).toEqual(before)
  })
})
