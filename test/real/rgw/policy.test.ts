import { afterAll, beforeAll, expect, it } from 'vitest'
import { compactPolicy } from '../../../src/identity/policy-document.ts'
import type { SharingKind } from '../../../src/identity/sharing/sharing-policy.ts'
import type { Bucket } from '../../../src/s3/bucket.ts'
import { policiesFor } from '../../../src/verbs/policy/policies.ts'
import { iamCall } from './iam-call.ts'
import { rehome, sampleLogs } from './real-logs.ts'
import { makeAccounts, putLogs, type RgwAccounts } from './rgw-accounts.ts'
import { describeWithRgw, startRgw, type RgwServer } from './rgw-server.ts'
import { rgwSessions, wholeBody, type RgwSessions } from './rgw-sessions.ts'

const source = sampleLogs()
const logs = { B: rehome(source, '222222222222'), C: rehome(source, '333333333333') }

describeWithRgw('a role with the policies that `policy` prints, on a real server', () => {
  let server: RgwServer
  let accounts: RgwAccounts
  let sessions: RgwSessions
  let bucket: Bucket

  beforeAll(async () => {
    server = await startRgw()
    accounts = await makeAccounts(server)
    for (const moved of [logs.B, logs.C]) await putLogs(accounts, moved)
    sessions = rgwSessions(accounts)
    const account = { ...sessions.account('B'), role: `arn:aws:iam::${accounts.owner}:role/Printed` }
    await makePrintedRole(account)
    bucket = sessions.bucket(await sessions.open(account))
  })

  afterAll(async () => {
    await sessions?.close()
    await server?.stop()
  })

  async function makePrintedRole(account: ReturnType<RgwSessions['account']>): Promise<void> {
    const set = policiesFor(
      { side: 'owner', rights: { versions: true } },
      { file: '', trail: sessions.trail, accounts: [account] },
    )
    const json = (kind: SharingKind): string => {
      const policy = set.policies.find((candidate) => candidate.kind === kind)
      if (policy === undefined) throw new Error(`no ${kind} policy`)
      return compactPolicy(policy.document)
    }
    const { endpoint, ownerKeys } = accounts
    const role = { RoleName: 'Printed', Path: '/', AssumeRolePolicyDocument: json('trust') }
    await iamCall(endpoint, ownerKeys, 'CreateRole', role)
    const policy = { RoleName: 'Printed', PolicyName: 'crosstrail', PolicyDocument: json('role') }
    await iamCall(endpoint, ownerKeys, 'PutRolePolicy', policy)
  }

  it("lists and reads the account's own logs", async () => {
    const { objects } = await bucket.listPage({ prefix: 'AWSLogs/222222222222/CloudTrail/' })
    expect(objects.map(({ key }) => key)).toEqual([...logs.B.keys()].sort())
    const [[key = '', body] = []] = logs.B
    expect(await bucket.get({ key }, wholeBody)).toEqual(body)
  })

  it.each(['AWSLogs/333333333333/', 'AWSLogs/', ''])('may not list "%s"', async (prefix) => {
    await expect(bucket.listPage({ prefix })).rejects.toMatchObject({ code: 'access.list-denied' })
  })

  it("may not read another account's logs", async () => {
    const [[key = ''] = []] = logs.C
    await expect(bucket.get({ key }, wholeBody)).rejects.toMatchObject({ code: 'access.object-denied' })
  })
})
