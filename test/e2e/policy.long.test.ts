import { afterEach, beforeEach, expect, test } from 'vitest'
import { labAccounts, labRoles } from '../../src/lab/fixture.ts'
import type { LabRole } from '../../src/lab/iam.ts'
import type { PolicyDocument, PolicyStatement } from '../../src/lab/evaluate-policy.ts'
import { jsonLines } from './support/crosstrail.ts'
import { type DeleteWorld, deleteWorld, olderHalf } from './support/delete-world.ts'

interface Printed {
  readonly kind: string
  readonly attachTo: string
  readonly document: {
    readonly Version: string
    readonly Statement: readonly (PolicyStatement & { readonly Sid: string })[]
  }
}

const archive = 's3://example-archive/trail'
let world: DeleteWorld

beforeEach(async () => {
  world = await deleteWorld({
    sample: { objects: 40, window: { fromMs: Date.UTC(2025, 0, 1), toMs: Date.UTC(2025, 0, 8) } },
  })
  world.lab.addBucket({ name: 'example-archive', owner: labAccounts.A, region: 'us-east-1' })
})
afterEach(() => world.stop())

async function printed(label: string, ...more: string[]): Promise<readonly Printed[]> {
  const { stdout, exitCode } = await world.crosstrail(['policy', label, '--show-external-ids', ...more])
  expect(exitCode).toBe(0)
  return jsonLines(stdout) as unknown as Printed[]
}

function role(arn: string): LabRole {
  const found = world.lab.iam.role(arn)
  if (found === undefined) throw new Error(`the lab has no ${arn}`)
  return found
}

/** Replaces all policies by these, and returns what the last role may do. */
async function attachZ(): Promise<Printed['document']> {
  const policies = await printed('Z', '--copy-to', archive)
  const document = (kind: string): Printed['document'] => {
    const policy = policies.find((candidate) => candidate.kind === kind)
    if (policy === undefined) throw new Error(`no ${kind} policy was printed`)
    return policy.document
  }
  world.lab.principals.zAudit.user.policies = [document('caller')]
  role(labRoles.Z).trust = document('trust')
  role(labRoles.Z).policies = [document('role')]
  return document('role')
}

const commands = {
  list: () => ['list', 'Z'],
  download: () => ['download', 'Z', '--to', world.newPath()],
  copy: () => ['copy', 'Z', '--to', archive, '--journal-dir', world.newPath()],
  delete: () => ['delete', 'Z', ...olderHalf, '--yes', '--journal-dir', world.newPath()],
  deleteVersions: () => ['delete', 'Z', ...olderHalf, '--versions', '--yes', '--journal-dir', world.newPath()],
}

async function exitOf(command: keyof typeof commands): Promise<number | null> {
  return (await world.crosstrail(commands[command]())).exitCode
}

test('with only the printed policies Z lists, downloads, copies and deletes', async () => {
  await attachZ()
  const exits = []
  for (const command of ['list', 'download', 'copy', 'delete'] as const) exits.push([command, await exitOf(command)])
  expect(exits).toEqual([
    ['list', 0],
    ['download', 0],
    ['copy', 0],
    ['delete', 0],
  ])
})

test('with the printed policies Z deletes all versions', async () => {
  await attachZ()
  world.lab.bucket().versioning = 'Enabled'
  expect(await exitOf('deleteVersions')).toBe(0)
})

test.each([
  ['ListLogs', 'list'],
  ['ReadLogs', 'download'],
  ['ListCopies', 'copy'],
  ['StoreCopies', 'copy'],
  ['DeleteLogs', 'delete'],
  ['ReadBucketProtection', 'delete'],
  ['ListLogVersions', 'deleteVersions'],
  ['DeleteLogVersions', 'deleteVersions'],
] as const)('without %s, %s fails', async (sid, command) => {
  const { Version, Statement } = await attachZ()
  world.lab.bucket().versioning = command === 'deleteVersions' ? 'Enabled' : 'Off'
  const left = Statement.filter(({ Sid }) => Sid !== sid)
  expect(left).toHaveLength(Statement.length - 1)
  role(labRoles.Z).policies = [{ Version, Statement: left }]
  expect(await exitOf(command)).not.toBe(0)
})

test('without ReadLogTags, the copy of a tagged log fails', async () => {
  const { Version, Statement } = await attachZ()
  for (const { key, object } of world.logs()) world.lab.bucket().put(key, object.body, { tags: { case: '4711' } })
  role(labRoles.Z).policies = [{ Version, Statement: Statement.filter(({ Sid }) => Sid !== 'ReadLogTags') }]
  expect(await exitOf('copy')).not.toBe(0)
})

test('without the caller policy, or with the placeholder as external ID, access is denied', async () => {
  await attachZ()
  const { stdout } = await world.crosstrail(['policy', 'Z', '--kind', 'trust'])
  role(labRoles.Z).trust = JSON.parse(stdout) as PolicyDocument
  expect(await exitOf('list')).toBe(3)
  await attachZ()
  world.lab.principals.zAudit.user.policies = []
  expect(await exitOf('list')).toBe(3)
})

test('with the printed policies for an instance and its hop C lists only its own logs', async () => {
  const policies = await printed('C', '--caller', labRoles.instance)
  const byRole = new Map<string, Printed[]>()
  for (const policy of policies) byRole.set(policy.attachTo, [...(byRole.get(policy.attachTo) ?? []), policy])
  expect([...byRole.keys()]).toEqual([labRoles.instance, labRoles.assumeRoleInA, labRoles.C])
  for (const [arn, [trust, permissions]] of byRole) {
    if (trust === undefined || permissions === undefined) throw new Error(`${arn} lacks a policy`)
    role(arn).trust = trust.document
    role(arn).policies = [permissions.document]
  }
  expect((await world.crosstrail(['list', 'C'])).exitCode).toBe(0)
  expect(
    (await world.crosstrail(['list', 'C', '--log-account', labAccounts.B, '--no-session-policy'])).exitCode,
  ).not.toBe(0)
})

test('the same with --bucket-policy', async () => {
  const policies = await printed('B', '--bucket-policy')
  expect(policies.map(({ kind }) => kind)).toEqual(['caller', 'trust', 'bucket'])
  role(labRoles.B).policies = []
  expect((await world.crosstrail(['list', 'B'])).exitCode).not.toBe(0)
  const bucket = policies.at(-1)
  if (bucket === undefined) throw new Error('no bucket policy')
  world.lab.bucket().policy = bucket.document
  expect((await world.crosstrail(['download', 'B', '--to', world.newPath()])).exitCode).toBe(0)
})
