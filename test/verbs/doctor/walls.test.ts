import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { labAccounts, labBucket, labMfaSerial, labRoles } from '../../../src/lab/fixture.ts'
import { type DoctorWorld, doctorWorld, entryB, entryC, entryZ, entryZMfa, statusesOf } from './doctor-world.ts'

let world: DoctorWorld
beforeAll(async () => {
  world = await doctorWorld()
})
afterEach(() => world.lab.setFaults({}))
afterAll(() => world.stop())

test('reports a profile that does not exist at the credentials step, for this machine', async () => {
  const { of } = await world.examine({ B: { ...entryB, credentials: { profile: 'nowhere' } } })
  expect(of('B').credentials).toMatchObject({ status: 'failed', code: 'access.no-credentials', sides: ['machine'] })
})

test('reports a wrong secret key at the first call of STS', async () => {
  const { of } = await world.examine({ B: { ...entryB, credentials: { profile: 'wrong' } } })
  expect(of('B').caller).toMatchObject({ status: 'failed', code: 'access.wrong-secret' })
})

test('refuses the root user before it requests a role', async () => {
  world.lab.requests.clear()
  const { of } = await world.examine({ B: { ...entryB, credentials: { profile: 'root' } } })
  expect(of('B').caller).toMatchObject({ status: 'failed', code: 'access.root-credentials', sides: ['caller'] })
  expect(world.lab.requests.count('AssumeRole')).toBe(0)
})

test('warns if the keys belong to another account than the id, and gives the id to set', async () => {
  const { of } = await world.examine({ B: { ...entryB, id: labAccounts.C } })
  expect(of('B').caller).toMatchObject({
    status: 'warning',
    code: 'config.other-account',
    fixes: [{ type: 'config', path: 'accounts.B.id', value: labAccounts.B }],
  })
})

test('accepts keys of a hub account if a hop belongs to the account', async () => {
  const { of } = await world.examine({
    C: { ...entryC, via: [labRoles.assumeRoleInA], credentials: { profile: 'b-audit' } },
  })
  expect(of('C').caller?.status).toBe('ok')
})

test('fails for a wrong MFA code, and if there is no terminal to ask for one', async () => {
  const wrong = await world.examine({ Z: entryZMfa }, { args: '--mfa-code 000000' })
  expect(wrong.of('Z').role).toMatchObject({ status: 'failed', code: 'access.mfa-refused', sides: ['machine'] })
  const unasked = await world.examine({ Z: entryZMfa })
  expect(unasked.of('Z').role).toMatchObject({ status: 'failed', code: 'access.mfa-no-terminal' })
})

test('masks the external ID everywhere but in a policy', async () => {
  const externalId = 'z-quite-another-9876'
  const { of } = await world.examine({ Z: { ...entryZ, externalId } })
  const { fixes = [], ...told } = of('Z').role ?? {}
  expect(JSON.stringify(told)).not.toContain(externalId)
  expect(JSON.stringify(told)).toContain('****9876')
  expect(JSON.stringify(fixes)).toContain(`"sts:ExternalId":"${externalId}"`)
})

test('reports a duration above the limit of role chaining as a fault of the config', async () => {
  const { of } = await world.examine({ B: { ...entryB, via: [labRoles.B], duration: 3600 } })
  expect(of('B').config?.status).toBe('ok')
  world.lab.setFaults({
    rules: [
      {
        probability: 1,
        operations: ['AssumeRole'],
        fault: {
          status: 400,
          code: 'ValidationError',
          message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
        },
      },
    ],
  })
  const chained = await world.examine({ B: { ...entryB, duration: '2h' } })
  expect(chained.of('B').role).toMatchObject({
    code: 'access.duration-chained',
    fixes: [{ type: 'config', path: 'accounts.B.duration', value: '1h' }],
  })
})

test('reports a disabled STS region as a fault of the config', async () => {
  world.lab.setFaults({
    rules: [
      {
        probability: 1,
        operations: ['AssumeRole'],
        fault: { status: 403, code: 'RegionDisabledException', message: 'STS is not activated in this region' },
      },
    ],
  })
  const { of } = await world.examine({ B: entryB })
  expect(of('B').role).toMatchObject({ code: 'access.region-disabled', fixes: [{ path: 'accounts.B.stsRegion' }] })
})

test('fails for a bucket that does not exist, and warns of one in another region', async () => {
  const gone = await world.examine({ B: entryB }, { trail: { bucket: 'no-such-bucket' } })
  expect(gone.of('B').bucket).toMatchObject({ code: 'bucket.not-found', fixes: [{ path: 'trail.bucket' }] })
  expect(statusesOf(gone, 'B').at(-1)).toBe('bucket failed')
  const elsewhere = await world.examine(
    { B: { ...entryB, stsRegion: 'us-east-1' } },
    { trail: { region: 'eu-west-1' } },
  )
  expect(elsewhere.of('B').bucket).toMatchObject({
    status: 'warning',
    code: 'bucket.other-region',
    fixes: [{ path: 'trail.region', value: 'us-east-1' }],
  })
  expect(elsewhere.code).toBe(0)
})

test('suggests the account of the role first if the owner is wrong', async () => {
  const { of } = await world.examine({ Z: entryZ }, { trail: { owner: '999999999999' } })
  expect(of('Z').bucket).toMatchObject({
    status: 'failed',
    code: 'access.list-denied',
    fixes: [
      { type: 'config', path: 'trail.owner', value: labAccounts.A },
      { type: 'policy' },
      { type: 'policy' },
      { path: 'trail.requesterPays' },
      { path: 'trail.prefix' },
      { path: 'trail.organization' },
    ],
  })
})

test('finds the right prefix if the role may list other folders', async () => {
  const { of } = await world.examine({ Z: entryZ }, { trail: { prefix: 'wrong' } })
  expect(of('Z').list).toMatchObject({
    status: 'warning',
    code: 'bucket.empty-prefix',
    fixes: [{ type: 'config', path: 'trail.prefix', value: '' }],
  })
  expect(of('Z').read?.status).toBe('skipped')
})

test('skips the read if the role may not list', async () => {
  const { of } = await world.examine({ B: entryB }, { trail: { prefix: 'wrong' } })
  expect(of('B').list).toMatchObject({ status: 'failed', code: 'access.list-denied', sides: ['owner', 'config'] })
  expect(of('B').read).toMatchObject({ status: 'skipped' })
})

test('detects requester pays and says to set it in the config', async () => {
  const bucket = world.lab.bucket()
  bucket.requesterPays = true
  const { of } = await world.examine({ Z: entryZ })
  expect(of('Z').bucket).toMatchObject({
    status: 'failed',
    fixes: [{ type: 'config', path: 'trail.requesterPays', value: 'true' }],
  })
  const paying = await world.examine({ Z: entryZ }, { trail: { requesterPays: true } })
  bucket.requesterPays = false
  expect(paying.code).toBe(0)
})

test('says to remove an explicit Deny, and prints no statement to add', async () => {
  const bucket = world.lab.bucket()
  const Resource = [bucket.arn, `${bucket.arn}/*`]
  bucket.policy = { Statement: { Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource } }
  const { of } = await world.examine({ B: entryB })
  bucket.policy = undefined
  expect(of('B').read).toMatchObject({ status: 'failed', fixes: [{ type: 'words', side: 'owner' }] })
  expect(of('B').read?.fixes[0]?.does).toContain('Deny')
})

test('reports a network failure for the account, for this machine', async () => {
  world.lab.setFaults({
    rules: [{ probability: 1, operations: ['AssumeRole'], times: 10, fault: 'resetBeforeHeaders' }],
  })
  const examined = await world.examine({ B: entryB })
  expect(examined.of('B').role).toMatchObject({ status: 'failed', sides: ['machine'] })
  expect(examined.code).toBe(3)
})

test('continues if the server has no GetCallerIdentity', async () => {
  world.lab.setFaults({
    rules: [
      {
        probability: 1,
        operations: ['GetCallerIdentity'],
        fault: { status: 405, code: 'MethodNotAllowed', message: 'The specified method is not allowed.' },
      },
    ],
  })
  const { of, code } = await world.examine({ B: entryB })
  expect({ caller: of('B').caller?.status, read: of('B').read?.status, code }).toEqual({
    caller: 'skipped',
    read: 'ok',
    code: 0,
  })
})

test('skips the right to delete after a 403 without a reason, if a missing key also gives 403', async () => {
  world.lab.setFaults({
    hook: ({ operation, key }) =>
      key.includes('crosstrail-doctor-') && (operation === 'DeleteObject' || operation === 'HeadObject')
        ? { status: 403, code: 'AccessDenied', message: 'Access Denied' }
        : undefined,
  })
  const { of } = await world.examine({ Z: { ...entryZ, allow: ['delete'] } })
  expect(of('Z').delete).toMatchObject({ status: 'skipped' })
})

test('takes a 403 that names only the right to list as proof of the right to delete', async () => {
  const role = world.lab.iam.role(labRoles.Z)
  if (role === undefined) throw new Error('no role of Z')
  const before = role.policies
  role.policies = [
    { Statement: { Effect: 'Allow', NotAction: 's3:ListBucket', Resource: '*' } },
    {
      Statement: {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: '*',
        Condition: { StringLike: { 's3:prefix': 'AWSLogs/*' } },
      },
    },
  ]
  const { of } = await world.examine({ Z: { ...entryZ, allow: ['delete'] } })
  role.policies = before
  expect(of('Z').delete).toMatchObject({ status: 'ok' })
  expect(world.lab.requests.recent('DeleteObject').at(-1)?.status).toBe(403)
})

test('does not check the right to delete if the server is not AWS and the bucket keeps versions', async () => {
  const bucket = world.lab.bucket()
  bucket.versioning = 'Enabled'
  const { of } = await world.examine({ Z: { ...entryZ, allow: ['delete'] } })
  bucket.versioning = 'Off'
  expect(of('Z').settings?.facts).toMatchObject({ versioning: 'enabled' })
  expect(of('Z').delete).toMatchObject({ status: 'skipped' })
})

test('needs no right to read for an account that may only list', async () => {
  world.lab.requests.clear()
  const { of, code } = await world.examine({ B: { ...entryB, allow: ['list'] } })
  expect({ read: of('B').read?.status, gets: world.lab.requests.count('GetObject'), code }).toEqual({
    read: 'skipped',
    gets: 0,
    code: 0,
  })
})

test('does not check the right to put without --to', async () => {
  world.lab.requests.clear()
  const { of } = await world.examine({ Z: { ...entryZ, allow: ['copy'] } })
  expect(of('Z').put).toMatchObject({ status: 'skipped', message: expect.stringContaining('--to') })
  expect(world.lab.requests.count('PutObject')).toBe(0)
})

test('sends no session policy with --no-session-policy', async () => {
  world.lab.requests.clear()
  await world.examine({ Z: { ...entryZ, mfa: labMfaSerial } }, { args: '--mfa-code 246810 --no-session-policy' })
  expect(world.lab.requests.recent('AssumeRole').map(({ query }) => query.has('Policy'))).toEqual([false])
})

test('checks the right to put below --to', async () => {
  world.lab.requests.clear()
  const { of } = await world.examine({ Z: { ...entryZ, allow: ['copy'] } }, { args: `--to s3://${labBucket}/archive` })
  expect(of('Z').put?.status).toBe('ok')
  expect(world.lab.requests.recent('PutObject').map(({ key, status }) => `${key.slice(0, 26)} ${status}`)).toEqual([
    'archive/crosstrail-doctor- 404',
  ])
})

test.each(['AllAccessDisabled', 'AccountProblem', 'InvalidPayer', 'NotSignedUp'])(
  'says that the owner must ask AWS about %s, and prints no policy',
  async (code) => {
    const fault = { status: 403, code, message: 'There is a problem with your AWS account.' }
    world.lab.setFaults({ hook: ({ operation }) => (operation === 'ListObjectsV2' ? fault : undefined) })
    const { of } = await world.examine({ B: entryB })
    expect(of('B').bucket).toMatchObject({
      code: 'access.account-problem',
      sides: ['owner'],
      fixes: [{ type: 'words', does: expect.stringContaining('AWS Support') }],
    })
  },
)

test('reports a resource control policy on the bucket for its owner', async () => {
  const message = `User: ${labRoles.B} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::${labBucket}" with an explicit deny in a resource control policy`
  const fault = { status: 403, code: 'AccessDenied', message }
  world.lab.setFaults({ hook: ({ operation }) => (operation === 'ListObjectsV2' ? fault : undefined) })
  const { of } = await world.examine({ B: entryB })
  expect(of('B').list).toMatchObject({
    sides: ['owner'],
    fixes: [{ type: 'words', does: expect.stringContaining('a resource control policy of') }],
  })
})

test('prints a statement for the action that S3 names', async () => {
  const message = `User: ${labRoles.B} is not authorized to perform: s3:GetObjectVersion on resource: "arn:aws:s3:::${labBucket}/k" because no identity-based policy allows the s3:GetObjectVersion action`
  const fault = { status: 403, code: 'AccessDenied', message }
  world.lab.setFaults({ hook: ({ operation }) => (operation === 'GetObject' ? fault : undefined) })
  const { of } = await world.examine({ B: entryB })
  expect(of('B').read).toMatchObject({ fixes: [{ type: 'policy', statement: { Action: 's3:GetObjectVersion' } }] })
})

test('suggests requester pays as a cause if the role may not read that setting', async () => {
  world.lab.bucket().requesterPays = true
  const { of } = await world.examine({ B: entryB })
  world.lab.bucket().requesterPays = false
  expect(of('B').bucket?.fixes).toContainEqual(expect.objectContaining({ path: 'trail.requesterPays' }))
})
