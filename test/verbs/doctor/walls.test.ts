import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { labAccounts, labBucket, labMfaSerial, labRoles } from '../../../src/lab/fixture.ts'
import { type DoctorWorld, doctorWorld, entryB, entryC, entryZ, entryZMfa, statusesOf } from './doctor-world.ts'

let world: DoctorWorld
beforeAll(async () => {
  world = await doctorWorld()
})
afterEach(() => world.lab.setFaults({}))
afterAll(() => world.stop())

test('a profile that is not there is told at the credentials, and is of this machine', async () => {
  const { of } = await world.examine({ B: { ...entryB, credentials: { profile: 'nowhere' } } })
  expect(of('B').credentials).toMatchObject({ status: 'failed', code: 'access.no-credentials', sides: ['machine'] })
})

test('a wrong secret key is told where STS is first asked', async () => {
  const { of } = await world.examine({ B: { ...entryB, credentials: { profile: 'wrong' } } })
  expect(of('B').caller).toMatchObject({ status: 'failed', code: 'access.wrong-secret' })
})

test('root is refused before a role is asked for', async () => {
  world.lab.requests.clear()
  const { of } = await world.examine({ B: { ...entryB, credentials: { profile: 'root' } } })
  expect(of('B').caller).toMatchObject({ status: 'failed', code: 'access.root-credentials', sides: ['caller'] })
  expect(world.lab.requests.count('AssumeRole')).toBe(0)
})

test('keys of another account than the id are warned of, with what to write', async () => {
  const { of } = await world.examine({ B: { ...entryB, id: labAccounts.C } })
  expect(of('B').caller).toMatchObject({
    status: 'warning',
    code: 'config.other-account',
    fixes: [{ type: 'config', path: 'accounts.B.id', value: labAccounts.B }],
  })
})

test('keys of a hub account are at home where a role on the way is of the account', async () => {
  const { of } = await world.examine({
    C: { ...entryC, via: [labRoles.assumeRoleInA], credentials: { profile: 'b-audit' } },
  })
  expect(of('C').caller?.status).toBe('ok')
})

test('MFA with a wrong code, and with nobody to ask', async () => {
  const wrong = await world.examine({ Z: entryZMfa }, { args: '--mfa-code 000000' })
  expect(wrong.of('Z').role).toMatchObject({ status: 'failed', code: 'access.mfa-refused', sides: ['machine'] })
  const unasked = await world.examine({ Z: entryZMfa })
  expect(unasked.of('Z').role).toMatchObject({ status: 'failed', code: 'access.mfa-no-terminal' })
})

test('the external ID is masked wherever it is no part of a policy', async () => {
  const externalId = 'z-quite-another-9876'
  const { of } = await world.examine({ Z: { ...entryZ, externalId } })
  const { fixes = [], ...told } = of('Z').role ?? {}
  expect(JSON.stringify(told)).not.toContain(externalId)
  expect(JSON.stringify(told)).toContain('****9876')
  expect(JSON.stringify(fixes)).toContain(`"sts:ExternalId":"${externalId}"`)
})

test('a duration above what a chain gives is told as one of the config', async () => {
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

test('another region of STS that is switched off is one of the config', async () => {
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

test('a bucket that is not there, and one in another region', async () => {
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

test('an owner who is not the owner is told first, with the account of the role', async () => {
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

test('a prefix that is another is found where the role may look around', async () => {
  const { of } = await world.examine({ Z: entryZ }, { trail: { prefix: 'wrong' } })
  expect(of('Z').list).toMatchObject({
    status: 'warning',
    code: 'bucket.empty-prefix',
    fixes: [{ type: 'config', path: 'trail.prefix', value: '' }],
  })
  expect(of('Z').read?.status).toBe('skipped')
})

test('who may not list is not tried to read, and told so', async () => {
  const { of } = await world.examine({ B: entryB }, { trail: { prefix: 'wrong' } })
  expect(of('B').list).toMatchObject({ status: 'failed', code: 'access.list-denied', sides: ['owner', 'config'] })
  expect(of('B').read).toMatchObject({ status: 'skipped' })
})

test('requester pays is found out, and told to be written', async () => {
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

test('an outright Deny is not mended by adding', async () => {
  const bucket = world.lab.bucket()
  const Resource = [bucket.arn, `${bucket.arn}/*`]
  bucket.policy = { Statement: { Effect: 'Deny', Principal: '*', Action: 's3:GetObject', Resource } }
  const { of } = await world.examine({ B: entryB })
  bucket.policy = undefined
  expect(of('B').read).toMatchObject({ status: 'failed', fixes: [{ type: 'words', side: 'owner' }] })
  expect(of('B').read?.fixes[0]?.does).toContain('Deny')
})

test('a network that fails is told for the account, and ends no other', async () => {
  world.lab.setFaults({
    rules: [{ probability: 1, operations: ['AssumeRole'], times: 10, fault: 'resetBeforeHeaders' }],
  })
  const examined = await world.examine({ B: entryB })
  expect(examined.of('B').role).toMatchObject({ status: 'failed', sides: ['machine'] })
  expect(examined.code).toBe(3)
})

test('a server without GetCallerIdentity is gone on with', async () => {
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

test('a right to delete that a 403 without words leaves open is not known', async () => {
  world.lab.setFaults({
    hook: ({ operation, key }) =>
      key.includes('crosstrail-doctor-') && (operation === 'DeleteObject' || operation === 'HeadObject')
        ? { status: 403, code: 'AccessDenied', message: 'Access Denied' }
        : undefined,
  })
  const { of } = await world.examine({ Z: { ...entryZ, allow: ['delete'] } })
  expect(of('Z').delete).toMatchObject({ status: 'skipped' })
})

test('a 403 that tells of the right to list alone shows that the right to delete is there', async () => {
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

test('on a server that is not AWS no delete is tried where it could leave a marker', async () => {
  const bucket = world.lab.bucket()
  bucket.versioning = 'Enabled'
  const { of } = await world.examine({ Z: { ...entryZ, allow: ['delete'] } })
  bucket.versioning = 'Off'
  expect(of('Z').settings?.facts).toMatchObject({ versioning: 'enabled' })
  expect(of('Z').delete).toMatchObject({ status: 'skipped' })
})

test('an account that is to list only needs no right to read', async () => {
  world.lab.requests.clear()
  const { of, code } = await world.examine({ B: { ...entryB, allow: ['list'] } })
  expect({ read: of('B').read?.status, gets: world.lab.requests.count('GetObject'), code }).toEqual({
    read: 'skipped',
    gets: 0,
    code: 0,
  })
})

test('without --to no put is tried', async () => {
  world.lab.requests.clear()
  const { of } = await world.examine({ Z: { ...entryZ, allow: ['copy'] } })
  expect(of('Z').put).toMatchObject({ status: 'skipped', message: expect.stringContaining('--to') })
  expect(world.lab.requests.count('PutObject')).toBe(0)
})

test('a source that wants no session policy is given none', async () => {
  world.lab.requests.clear()
  await world.examine({ Z: { ...entryZ, mfa: labMfaSerial } }, { args: '--mfa-code 246810 --no-session-policy' })
  expect(world.lab.requests.recent('AssumeRole').map(({ query }) => query.has('Policy'))).toEqual([false])
})

test('a put is tried where --to says', async () => {
  world.lab.requests.clear()
  const { of } = await world.examine({ Z: { ...entryZ, allow: ['copy'] } }, { args: `--to s3://${labBucket}/archive` })
  expect(of('Z').put?.status).toBe('ok')
  expect(world.lab.requests.recent('PutObject').map(({ key, status }) => `${key.slice(0, 26)} ${status}`)).toEqual([
    'archive/crosstrail-doctor- 404',
  ])
})

test.each(['AllAccessDisabled', 'AccountProblem', 'InvalidPayer', 'NotSignedUp'])(
  '%s is for the owner to ask AWS about, and no policy is printed',
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

test('a resource control policy on the bucket is on the side of its owner', async () => {
  const message = `User: ${labRoles.B} is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::${labBucket}" with an explicit deny in a resource control policy`
  const fault = { status: 403, code: 'AccessDenied', message }
  world.lab.setFaults({ hook: ({ operation }) => (operation === 'ListObjectsV2' ? fault : undefined) })
  const { of } = await world.examine({ B: entryB })
  expect(of('B').list).toMatchObject({
    sides: ['owner'],
    fixes: [{ type: 'words', does: expect.stringContaining('a resource control policy of') }],
  })
})

test('the statement is about the action that S3 names', async () => {
  const message = `User: ${labRoles.B} is not authorized to perform: s3:GetObjectVersion on resource: "arn:aws:s3:::${labBucket}/k" because no identity-based policy allows the s3:GetObjectVersion action`
  const fault = { status: 403, code: 'AccessDenied', message }
  world.lab.setFaults({ hook: ({ operation }) => (operation === 'GetObject' ? fault : undefined) })
  const { of } = await world.examine({ B: entryB })
  expect(of('B').read).toMatchObject({ fixes: [{ type: 'policy', statement: { Action: 's3:GetObjectVersion' } }] })
})

test('requester pays may be the cause if the role may not see that setting', async () => {
  world.lab.bucket().requesterPays = true
  const { of } = await world.examine({ B: entryB })
  world.lab.bucket().requesterPays = false
  expect(of('B').bucket?.fixes).toContainEqual(expect.objectContaining({ path: 'trail.requesterPays' }))
})
