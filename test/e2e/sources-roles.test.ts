import { afterEach, beforeEach, expect, test } from 'vitest'
import { labAccounts, labBucket, labExternalId, labMfaSerial, labRoles } from '../../src/lab/fixture.ts'
import type { LabUserKeys } from '../../src/lab/iam.ts'
import { type SourceWorld, sourceWorld } from './support/source-world.ts'
import { mirrorOf, storedLogs } from './support/stored-logs.ts'
import { treeOf } from './support/tree.ts'

let world: SourceWorld

beforeEach(async () => {
  world = await sourceWorld(150)
})
afterEach(() => world.stop())

function atGet(number: number, act: () => void): void {
  let gets = 0
  world.lab.setFaults({
    hook: ({ operation }) => {
      if (operation === 'GetObject' && ++gets === number) act()
      return undefined
    },
  })
}

const logsOf = (account: string) => storedLogs(world.lab).filter(({ logAccount }) => logAccount === account)

/** Each successful AssumeRole: the role's name, external ID and duration. */
const assumed = () =>
  world.lab.requests
    .recent('AssumeRole')
    .filter(({ status }) => status === 200)
    .map(({ query }) => [
      query.get('RoleArn')?.split('/').at(-1),
      query.get('ExternalId'),
      Number(query.get('DurationSeconds')),
    ])

async function downloaded(label: string, config: string, more: readonly string[] = []) {
  const to = world.newPath()
  const args = ['download', label, '--config', config, '--to', to, '--concurrency', '4', ...more]
  const { exitCode, stderr } = await world.run(args)
  return { exitCode, stderr, tree: exitCode === 0 ? treeOf(to) : {} }
}

test('reads the role of an EC2 instance again if its session ends during a run', async () => {
  atGet(20, () => world.lab.revokeSessions())
  const { exitCode, tree } = await downloaded(
    'C',
    world.configWith((text) => text),
  )
  expect({ exitCode, tree }).toEqual({ exitCode: 0, tree: mirrorOf(logsOf(labAccounts.C)) })
  expect(assumed().map(([name]) => name)).toEqual([
    'AssumeRoleInA',
    'CloudTrailLogs-C',
    'AssumeRoleInA',
    'CloudTrailLogs-C',
  ])
})

/** A chain of three roles to one of A. Each trusts the one before it and has its own external ID. */
function addHops(): string {
  const { iam, principals } = world.lab
  const arnOf = (hop: number) =>
    hop > 3 ? `arn:aws:iam::${labAccounts.A}:role/Far` : `arn:aws:iam::${labAccounts.C}:role/Hop${hop}`
  const mayAssume = (hop: number) => ({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: arnOf(hop) }) as const
  const reads = {
    Effect: 'Allow',
    Action: ['s3:GetObject', 's3:ListBucket'],
    Resource: [`arn:aws:s3:::${labBucket}`, `arn:aws:s3:::${labBucket}/*`],
  } as const
  for (const hop of [1, 2, 3, 4]) {
    iam.addRole({
      account: hop > 3 ? labAccounts.A : labAccounts.C,
      name: hop > 3 ? 'Far' : `Hop${hop}`,
      maxSessionSeconds: 7_200,
      trust: {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: hop === 1 ? principals.bAudit.arn : arnOf(hop - 1) },
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { 'sts:ExternalId': `external-${hop}` } },
          },
        ],
      },
      policies: [{ Version: '2012-10-17', Statement: [hop > 3 ? reads : mayAssume(hop + 1)] }],
    })
  }
  principals.bAudit.user.policies.push({ Version: '2012-10-17', Statement: [mayAssume(1)] })
  const durations = ['2h', '30m', '15m']
  const via = durations.map(
    (duration, index) => `{ role: "${arnOf(index + 1)}", externalId: external-${index + 1}, duration: ${duration} }`,
  )
  return world.configWith((text) =>
    text.replace(
      `role: ${labRoles.B}\n`,
      `role: ${arnOf(4)}\n    externalId: external-4\n    duration: 20m\n    via: [${via.join(', ')}]\n`,
    ),
  )
}

test('assumes each of three hops with its own external ID and duration', async () => {
  const { exitCode, tree } = await downloaded('B', addHops())
  expect({ exitCode, tree }).toEqual({ exitCode: 0, tree: mirrorOf(logsOf(labAccounts.B)) })
  expect(assumed()).toEqual([
    ['Hop1', 'external-1', 7_200],
    ['Hop2', 'external-2', 1_800],
    ['Hop3', 'external-3', 900],
    ['Far', 'external-4', 1_200],
  ])
})

test('assumes only the expired roles of a chain again', async () => {
  atGet(20, () => {
    world.lab.revokeSessions(`arn:aws:iam::${labAccounts.C}:role/Hop3`)
    world.lab.revokeSessions(`arn:aws:iam::${labAccounts.A}:role/Far`)
  })
  expect((await downloaded('B', addHops())).exitCode).toBe(0)
  expect(assumed().map(([name]) => name)).toEqual(['Hop1', 'Hop2', 'Hop3', 'Far', 'Hop3', 'Far'])
})

test('reads a profile again if its keys were rotated during a run', async () => {
  const { iam, principals } = world.lab
  const file = world.env['AWS_SHARED_CREDENTIALS_FILE'] ?? ''
  const write = ({ accessKeyId, secretAccessKey }: LabUserKeys) =>
    world.file(`[b-audit]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`, file)
  const next = iam.addUser({ account: labAccounts.B, name: 'b-next', policies: principals.bAudit.user.policies })
  let gets = 0
  let rotated = false
  world.lab.setFaults({
    hook: ({ operation, headers }) => {
      if (operation === 'GetObject' && ++gets === 20) {
        write(next)
        rotated = true
        world.lab.revokeSessions()
      }
      const old = rotated && String(headers['authorization']).includes(principals.bAudit.accessKeyId)
      return old
        ? {
            status: 403,
            code: 'InvalidClientTokenId',
            message: 'The security token included in the request is invalid.',
          }
        : undefined
    },
  })
  const { exitCode, tree } = await downloaded(
    'B',
    world.configWith((text) => text),
  )
  expect({ exitCode, tree }).toEqual({ exitCode: 0, tree: mirrorOf(logsOf(labAccounts.B)) })
})

function deviceOfZ() {
  const { user } = world.lab.principals.zAudit
  const codeFile = world.newPath()
  const show = (code: string): void => {
    world.file(` ${code}\n`, codeFile)
    user.mfaDevices = new Map([[labMfaSerial, code]])
  }
  show('111111')
  const config = world.configWith((text) =>
    text.replace('    externalId:', `    mfa: ${labMfaSerial}\n    mfaProcess: cat ${codeFile}\n    externalId:`),
  )
  return { config, show }
}

const codesSent = () => world.lab.requests.recent('AssumeRole').map(({ query }) => query.get('TokenCode'))

test('a command provides the MFA codes, a new one for each session', async () => {
  const { config, show } = deviceOfZ()
  atGet(20, () => {
    show('222222')
    world.lab.revokeSessions()
  })
  const { exitCode, tree } = await downloaded('Z', config)
  expect({ exitCode, tree }).toEqual({ exitCode: 0, tree: mirrorOf(storedLogs(world.lab)) })
  expect(codesSent()).toEqual(['111111', '222222'])
})

test('--mfa-code takes precedence over the command', async () => {
  const { config, show } = deviceOfZ()
  world.lab.principals.zAudit.user.mfaDevices = new Map([[labMfaSerial, '333333']])
  atGet(20, () => {
    show('222222')
    world.lab.revokeSessions()
  })
  expect((await downloaded('Z', config, ['--mfa-code', '333333'])).exitCode).toBe(0)
  expect(codesSent()).toEqual(['333333', '222222'])
})

test('reports a command that prints no code, without its output or its text', async () => {
  const config = world.configWith((text) =>
    text.replace(
      '    externalId:',
      `    mfa: ${labMfaSerial}\n    mfaProcess: TOKEN=hunter2 printf 98765x\n    externalId:`,
    ),
  )
  const { exitCode, stderr } = await downloaded('Z', config, ['--verbose'])
  expect(exitCode).toBe(3)
  expect(stderr).toContain('six digits')
  expect(stderr).not.toMatch(/hunter2|98765/)
  expect(stderr).not.toContain(labExternalId)
})
