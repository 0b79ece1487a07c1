import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Draft } from '../../../src/cli/init/draft.ts'
import { ExternalIds } from '../../../src/cli/init/asked-external-ids.ts'
import type { InitArgs } from '../../../src/cli/init/init-args.ts'
import { placeAccount, placeDefaults, placeTrail } from '../../../src/cli/init/place-given.ts'
import type { Account, Config } from '../../../src/config/config.ts'
import type { ProfileAccess } from '../../../src/config/profile-access.ts'
import { configText } from '../../../src/config/write-config.ts'
import { loadText } from '../../config/written.ts'

const id = fc.stringMatching(/^\d{12}$/)
const role = fc.stringMatching(/^arn:aws:iam::\d{12}:role\/[\w+=,.@-]{1,64}$/)
const sessionName = fc.stringMatching(/^[\w+=,.@-]{2,64}$/)
const externalId = fc.stringMatching(/^[\w+=,.@:/-]{2,80}$/)
const mfa = fc.stringMatching(/^arn:aws:iam::\d{12}:mfa\/[a-z]{1,10}$/)
const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((any) => /\S/.test(any))
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined })
const label = fc.stringMatching(/^[A-Za-z][A-Za-z0-9._-]{0,20}$/)

const args: fc.Arbitrary<InitArgs> = fc.record({
  configFile: fc.constant(undefined),
  fromProfile: fc.constant(undefined),
  trail: fc.record({
    bucket: fc.stringMatching(/^[a-z][a-z0-9-]{1,40}[a-z0-9]$/),
    owner: id,
    region: fc.constant('us-east-1'),
    prefix: maybe(text.filter((any) => !any.includes('AWSLogs') && !/^\s*s3:|^\/|\/\//i.test(any))),
    organization: maybe(fc.stringMatching(/^o-[a-z0-9]{10,32}$/)),
    requesterPays: fc.constantFrom(true, undefined),
  }),
  label,
  account: fc.record({
    id,
    credentials: maybe(
      fc.oneof(
        fc.record({ profile: text }),
        fc.record({ process: text }),
        fc.constantFrom({ ec2: true as const }, { env: true as const }),
      ),
    ),
    via: maybe(fc.array(role, { minLength: 1, maxLength: 3 })),
    role,
    sessionName: maybe(sessionName),
    duration: maybe(fc.constantFrom('900s', '1h', '3600')),
    mfa: maybe(mfa),
    reads: maybe(fc.oneof(fc.constantFrom('own', 'all'), fc.uniqueArray(id, { minLength: 1, maxLength: 3 }))),
    allow: maybe(fc.subarray(['list', 'download', 'copy', 'delete'], { minLength: 1 })),
  }),
  externalIdVariable: fc.constant(undefined),
  newExternalId: fc.boolean(),
  doctor: fc.constant(undefined),
})

function written(
  given: InitArgs,
  profile?: ProfileAccess,
): { config: Config; account: Account; ids: ExternalIds; text: string } {
  const ids = new ExternalIds({})
  const draft = new Draft(() => ids.checkedEnvironment())
  const name = given.label ?? 'B'
  placeTrail(draft, given)
  placeAccount(draft, name, given, profile, ids)
  placeDefaults(draft, name)
  const yaml = configText(draft.file())
  const config = loadText(yaml, ids.environment())
  const [account] = config.accounts
  if (account === undefined) throw new Error('there is no account')
  return { config, account, ids, text: yaml }
}

it('a config from any valid flags loads and has their values', () => {
  fc.assert(
    fc.property(args, (given) => {
      const { config, account, ids } = written(given)
      const { bucket, owner, region, organization, prefix = '', requesterPays = false } = given.trail
      expect(config.trail).toEqual({
        bucket,
        owner,
        region,
        organization,
        requesterPays,
        prefix: prefix.replace(/^\/+|\/+$/g, ''),
      })
      const asked = given.account
      expect(account).toMatchObject({
        label: given.label,
        id: asked.id,
        role: asked.role,
        mfa: asked.mfa,
        credentials: sourceOf(asked.credentials),
        reads: asked.reads ?? 'own',
        allow: asked.allow ?? ['list', 'download'],
        externalId: given.newExternalId ? ids.all[0]?.value : undefined,
      })
      expect(account.via.map((hop) => hop.role)).toEqual(asked.via ?? [])
      if (asked.sessionName !== undefined) expect(account.sessionName).toBe(asked.sessionName)
      else expect(account.sessionName).toMatch(/^crosstrail-/)
    }),
    { numRuns: 200 },
  )
})

const profileRole = fc.record({
  profile: text,
  arn: role,
  externalId: maybe(externalId),
  sessionName: maybe(sessionName),
  duration: maybe(fc.constantFrom('900', '3600')),
})
const access: fc.Arbitrary<ProfileAccess> = fc.record({
  credentials: fc.oneof(
    fc.record({ profile: text }),
    fc.record({ process: text }),
    fc.constant({ ecs: true as const }),
  ),
  roles: fc.array(profileRole, { minLength: 1, maxLength: 4 }),
  mfa: maybe(mfa),
  region: fc.constantFrom('eu-west-1', 'us-east-1', undefined),
  accountId: fc.constant(undefined),
})
const given: InitArgs = {
  configFile: undefined,
  fromProfile: 'p',
  trail: {
    bucket: 'logs',
    owner: '111111111111',
    region: 'us-east-1',
    prefix: undefined,
    organization: undefined,
    requesterPays: undefined,
  },
  label: 'B',
  account: {
    id: '222222222222',
    credentials: undefined,
    via: undefined,
    role: undefined,
    sessionName: undefined,
    duration: undefined,
    mfa: undefined,
    reads: undefined,
    allow: undefined,
  },
  externalIdVariable: undefined,
  newExternalId: false,
  doctor: undefined,
}

it('a config from any chain of profiles loads, assumes their roles with their external IDs, and contains none of these IDs', () => {
  fc.assert(
    fc.property(access, (profile) => {
      const { account, text: yaml } = written(given, profile)
      const way = [...account.via, account].map((hop) => [hop.role, hop.externalId, hop.durationSeconds])
      expect(way).toEqual(
        profile.roles.map(({ arn, externalId: id, duration }) => [
          arn,
          id,
          duration === undefined ? undefined : Number(duration),
        ]),
      )
      for (const [at, { sessionName: name }] of profile.roles.entries()) {
        if (name !== undefined) expect([...account.via, account][at]?.sessionName).toBe(name)
      }
      expect(account.mfa).toBe(profile.mfa)
      expect(account.stsRegion).toBe(profile.region ?? 'us-east-1')
      expect(yaml.match(/externalId: (?!\$\{env:)/g)).toBeNull()
    }),
    { numRuns: 200 },
  )
})

it("a given role is assumed after the profile's own", () => {
  const profile: ProfileAccess = {
    credentials: { profile: 'base' },
    roles: [
      {
        profile: 'p',
        arn: 'arn:aws:iam::222222222222:role/Hub',
        externalId: 'hub-id',
        sessionName: undefined,
        duration: undefined,
      },
    ],
    mfa: undefined,
    region: undefined,
    accountId: undefined,
  }
  const last = 'arn:aws:iam::111111111111:role/Logs'
  const { account } = written({ ...given, account: { ...given.account, role: last } }, profile)
  expect(account).toMatchObject({ role: last, externalId: undefined })
  expect(account.via).toMatchObject([{ role: 'arn:aws:iam::222222222222:role/Hub', externalId: 'hub-id' }])
})

it('a flag overrides the profile', () => {
  const profile: ProfileAccess = {
    credentials: { profile: 'base' },
    roles: [],
    mfa: 'arn:aws:iam::222222222222:mfa/ana',
    region: undefined,
    accountId: '333333333333',
  }
  const account = { ...given.account, role: 'arn:aws:iam::111111111111:role/Logs', credentials: { env: true as const } }
  expect(written({ ...given, account }, profile).account).toMatchObject({
    id: '222222222222',
    credentials: { type: 'env' },
  })
})

function sourceOf(credentials: InitArgs['account']['credentials']) {
  const { profile, process: command, ...place } = credentials ?? { chain: true as const }
  if (profile !== undefined) return { type: 'profile', profile }
  if (command !== undefined) return { type: 'process', command }
  return { type: Object.keys(place)[0] }
}
