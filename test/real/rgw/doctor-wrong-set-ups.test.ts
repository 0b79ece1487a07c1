import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openApp } from '../../../src/app/open-crosstrail.ts'
import type { PolicyStatement } from '../../../src/identity/policy-document.ts'
import { runCli } from '../../cli/host.ts'
import type { ToldStep } from '../../verbs/doctor/doctor-world.ts'
import { type ExpectedFix, shortFix } from '../../verbs/doctor/expected-fix.ts'
import { jsonLines } from './built-command.ts'
import { iamCall } from './iam-call.ts'
import { rehome, sampleLogs } from './real-logs.ts'
import { makeAccounts, makeRole, ownerClient, putLogs, type RgwAccounts } from './rgw-accounts.ts'
import { describeWithRgw, startRgw, type RgwServer } from './rgw-server.ts'
import { rgwWrongSetUps, type RgwWrongSetUp } from './rgw-wrong-set-ups.ts'

describeWithRgw('doctor on Ceph reports each wrong set-up at its step, and its fixes work', () => {
  let server: RgwServer
  let accounts: RgwAccounts
  const folder = mkdtempSync(path.join(tmpdir(), 'crosstrail-rgw-doctor-'))
  const before = { ...process.env }

  beforeAll(async () => {
    server = await startRgw()
    accounts = await makeAccounts(server)
    for (const account of ['222222222222', '333333333333']) await putLogs(accounts, rehome(sampleLogs(), account))
    const profile = (name: string, { accessKeyId, secretAccessKey }: RgwAccounts['ownerKeys']) =>
      `[${name}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`
    const { B, C, Z } = accounts
    const profiles = [profile('b-audit', B.caller), profile('c-instance', C.caller), profile('z-audit', Z.caller)]
    writeFileSync(path.join(folder, 'credentials'), profiles.join('\n'), { mode: 0o600 })
    writeFileSync(path.join(folder, 'config'), '')
    Object.assign(process.env, {
      HOME: folder,
      AWS_CONFIG_FILE: path.join(folder, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: path.join(folder, 'credentials'),
      AWS_ENDPOINT_URL_S3: server.endpoint,
      AWS_ENDPOINT_URL_STS: server.endpoint,
    })
  })

  afterAll(async () => {
    process.env = before
    rmSync(folder, { recursive: true, force: true })
    await server?.stop()
  })

  async function examine(entry: object, trail: object, args = '') {
    const file = path.join(folder, 'crosstrail.json')
    const { bucket, owner, region } = accounts
    writeFileSync(file, JSON.stringify({ trail: { bucket, owner, region, ...trail }, accounts: { X: entry } }))
    // RGW has no KMS, and refuses session policies that name it.
    const line = `doctor --config ${file} --output json --no-session-policy${args === '' ? '' : ` ${args}`}`
    const { code, stdout, stderr } = await runCli(line, { services: openApp })
    return { code, stderr, steps: jsonLines(stdout) as unknown as ToldStep[] }
  }

  async function versionsThere() {
    const s3 = ownerClient(accounts.endpoint, accounts.ownerKeys)
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket: accounts.bucket }))
    s3.destroy()
    return [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])].map(({ Key, VersionId }) => [Key, VersionId])
  }

  async function add(row: RgwWrongSetUp, role: string, told: ToldStep): Promise<number> {
    const { endpoint, ownerKeys } = accounts
    let added = 0
    for (const [index, fix] of told.fixes.entries()) {
      if (fix.type !== 'policy' || fix.side !== 'owner') continue
      expect(fix.attachTo.endsWith(`role/${role}`)).toBe(true)
      // RGW refuses several statements with one Sid, so the statements go without.
      const { Sid: _sid, ...statement } = fix.statement
      await (fix.kind === 'trust'
        ? iamCall(endpoint, ownerKeys, 'UpdateAssumeRolePolicy', {
            RoleName: role,
            PolicyDocument: policyOf([trustOf(row.trusts), asLists(statement)]),
          })
        : iamCall(endpoint, ownerKeys, 'PutRolePolicy', {
            RoleName: role,
            PolicyName: `printed-${index}`,
            PolicyDocument: policyOf([statement]),
          }))
      added += 1
    }
    return added
  }

  it.each(rgwWrongSetUps.map((row, index) => [row.title, row, `Row-${index}`] as const))(
    '%s',
    async (_title, row, role) => {
      const { endpoint, ownerKeys, owner } = accounts
      await makeRole(endpoint, ownerKeys, role, row.trusts, row.permissions)
      const arn = `arn:aws:iam::${owner}:role/${role}`
      const entry = { ...row.entry, role: arn, ...row.wrongly }
      const versions = await versionsThere()
      const sick = await examine(entry, row.trail ?? {}, row.args)
      const told = sick.steps.find(({ step }) => step === row.step)
      if (told === undefined) throw new Error(`no line of ${row.step}: ${JSON.stringify(sick)}`)
      expect(told).toMatchObject({ status: row.status ?? 'failed', code: row.code })
      expect(told.message).toMatch(row.line)
      expect(told.fixes.map(shortFix)).toEqual(row.fixes(arn) satisfies readonly ExpectedFix[])
      expect(sick.code).toBe(row.status === 'warning' ? 0 : 3)

      if (row.instead !== undefined) {
        const PolicyDocument = policyOf(row.instead)
        await iamCall(endpoint, ownerKeys, 'PutRolePolicy', { RoleName: role, PolicyName: 'logs', PolicyDocument })
      }
      if (row.rightly === undefined) expect(await add(row, role, told)).toBeGreaterThan(0)
      const right = row.rightly?.(entry, arn)
      const healed = await examine(right?.entry ?? entry, right?.trail ?? row.trail ?? {}, row.args)
      expect(healed.steps.filter(({ status, code }) => status === 'failed' || code === row.code)).toEqual([])
      expect(healed.code).toBe(0)
      expect(await versionsThere()).toEqual(versions)
    },
  )
})

function policyOf(statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}

function trustOf(trusted: string): object {
  return { Effect: 'Allow', Principal: { AWS: [trusted] }, Action: ['sts:AssumeRole'] }
}

/** RGW reads the principals and actions of a trust policy only from lists. */
function asLists({ Principal, Action, ...rest }: Omit<PolicyStatement, 'Sid'>): object {
  return { ...rest, Principal: { AWS: [Principal?.AWS ?? []].flat() }, Action: [Action].flat() }
}
