import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PolicyStatement } from '../../../src/identity/policy-document.ts'
import { checkPolicy } from '../../../src/identity/sharing/check-policy.ts'
import { isOfPodTags } from '../../../src/identity/sharing/statements.ts'
import { readPolicy } from '../../../src/identity/sharing/read-policy.ts'
import { sharingPolicies } from '../../../src/identity/sharing/sharing-policies.ts'
import type { SharingKind, SharingPolicy } from '../../../src/identity/sharing/sharing-policy.ts'
import { anyRequest, request, sharingB } from './requests.ts'

const list = (value: string | readonly string[] | undefined) => [value ?? []].flat()

function findings(have: unknown, needed: SharingPolicy): string[] {
  return checkPolicy(readPolicy(JSON.stringify(have)), needed).map(
    ({ kind, statement, message }) => `${kind} ${statement ?? '-'}: ${message}`,
  )
}

function needed(kind: SharingKind, changes: Parameters<typeof request>[0] = {}): SharingPolicy {
  const found = sharingPolicies(request(changes)).find((policy) => policy.kind === kind)
  if (found === undefined) throw new Error(`no ${kind}`)
  return found
}

const policyOf = (...Statement: unknown[]) => ({ Version: '2012-10-17', Statement })

describe('any sharing', () => {
  test('the printed policies pass', () => {
    fc.assert(
      fc.property(anyRequest, (any) => {
        for (const policy of sharingPolicies(any)) expect(findings(policy.document, policy)).toEqual([])
      }),
      { numRuns: 25 },
    )
  })

  test('reports a removed action or resource as missing', () => {
    fc.assert(
      fc.property(anyRequest, fc.nat(), (any, pick) => {
        for (const policy of sharingPolicies(any)) {
          const { Statement } = policy.document
          const at = pick % Statement.length
          const chosen = Statement[at]
          if (chosen === undefined) throw new Error('a policy without statements')
          // Only an EKS pod needs these.
          if (policy.kind === 'service-trust' || isOfPodTags(chosen)) continue
          const shrunk = shrunken(chosen, pick)
          const left = Statement.flatMap((each, index) => (index === at ? shrunk : [each]))
          if (left.length === 0) continue
          const found = findings(policyOf(...left), policy)
          expect(found.filter((line) => line.startsWith('missing'))).not.toEqual([])
        }
      }),
      { numRuns: 25 },
    )
  })

  test('reports a wildcard action as too wide', () => {
    fc.assert(
      fc.property(anyRequest, fc.nat(), (any, pick) => {
        for (const policy of sharingPolicies(any)) {
          const { Statement } = policy.document
          const at = pick % Statement.length
          const widened = Statement.map((each, index) => (index === at ? { ...each, Action: '*' } : each))
          expect(findings(policyOf(...widened), policy).some((line) => line.startsWith('wide'))).toBe(true)
        }
      }),
      { numRuns: 20 },
    )
  })

  test('reports a statement without its conditions as too wide, and nothing as missing', () => {
    fc.assert(
      fc.property(anyRequest, (any) => {
        for (const policy of sharingPolicies(any)) {
          const bare = policy.document.Statement.map((each) => Object.assign({}, each, { Condition: undefined }))
          const conditioned = policy.document.Statement.some(({ Condition }) => Condition !== undefined)
          const found = findings(policyOf(...bare), policy)
          expect(found.filter((line) => !line.startsWith('wide'))).toEqual([])
          expect(found.length > 0).toBe(conditioned)
        }
      }),
      { numRuns: 20 },
    )
  })
})

/** Returns the statement without one of its actions or resources; nothing if it has only one. */
function shrunken(statement: PolicyStatement, pick: number): PolicyStatement[] {
  const actions = list(statement.Action)
  const resources = list(statement.Resource)
  if (actions.length > 1)
    return [{ ...statement, Action: actions.filter((_, index) => index !== pick % actions.length) }]
  if (resources.length > 1) {
    return [{ ...statement, Resource: resources.filter((_, index) => index !== pick % resources.length) }]
  }
  return []
}

const root = 'arn:aws:iam::222222222222:root'
const assume = { Effect: 'Allow', Action: 'sts:AssumeRole' }
const withId = [sharingB({ externalId: 'z-4711' })]

describe('a trust policy', () => {
  test.each([
    ['names the account by its id', { ...assume, Principal: { AWS: '222222222222' } }, []],
    [
      'trusts anyone',
      { ...assume, Principal: '*' },
      ['wide statement 1: anyone may use sts:AssumeRole: the principal is *'],
    ],
    [
      'trusts another account',
      { ...assume, Principal: { AWS: [root, 'arn:aws:iam::999999999999:root'] } },
      [`wide statement 1: it trusts arn:aws:iam::999999999999:root; ${root} is enough`],
    ],
    [
      'trusts one user of the account',
      { ...assume, Principal: { AWS: 'arn:aws:iam::222222222222:user/ana' } },
      [
        'unclear statement 1: whether sts:AssumeRole is allowed is not certain: it trusts only some principals of the account: this is right if the caller is one of them',
      ],
    ],
    [
      'requires an external ID that is not sent',
      { ...assume, Principal: { AWS: root }, Condition: { StringEquals: { 'sts:ExternalId': 'x' } } },
      [
        `missing -: sts:AssumeRole for ${root} is not allowed: statement 1 allows it only with another value of sts:externalid`,
      ],
    ],
    [
      'requires MFA that is not used',
      { ...assume, Principal: { AWS: root }, Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } },
      [
        `missing -: sts:AssumeRole for ${root} is not allowed: statement 1 allows it only with another value of aws:multifactorauthpresent`,
      ],
    ],
    [
      'has a condition on the source address',
      { ...assume, Principal: { AWS: root }, Condition: { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } } },
      [
        'unclear statement 1: whether sts:AssumeRole is allowed is not certain: it has the condition IpAddress aws:sourceip, which only AWS can judge',
      ],
    ],
  ])('that %s', (_, statement, expected) => {
    expect(findings(policyOf(statement), needed('trust'))).toEqual(expected)
  })

  test('without the external ID is too wide, and with another one allows nobody', () => {
    const trust = needed('trust', { accounts: withId })
    expect(findings(policyOf({ ...assume, Principal: { AWS: root } }), trust)).toEqual([
      'wide statement 1: the condition on sts:ExternalId is missing or differs: another customer of the caller could make it use the role (confused deputy)',
    ])
    const other = { ...assume, Principal: { AWS: root }, Condition: { StringEquals: { 'sts:ExternalId': 'z-4712' } } }
    const found = findings(policyOf(other), trust)
    expect(found.map((line) => line.split(' ')[0])).toEqual(['missing', 'wide'])
    expect(found.join()).not.toMatch(/z-471/)
  })

  test('that denies what it allows is missing the right', () => {
    const both = policyOf({ ...assume, Principal: { AWS: root } }, { ...assume, Effect: 'Deny', Principal: '*' })
    expect(findings(both, needed('trust'))).toEqual([
      `missing -: sts:AssumeRole for ${root} is not allowed: statement 2 denies it`,
    ])
  })
})

const logs = 'arn:aws:s3:::logs'
const own = `${logs}/AWSLogs/222222222222/*`
const prefixed = { StringLike: { 's3:prefix': 'AWSLogs/222222222222/*' } }

describe("a role's policy", () => {
  test('from the AWS guide is too wide: it allows other names to be listed and other objects to be read', () => {
    const guide = policyOf({ Effect: 'Allow', Action: ['s3:Get*', 's3:List*'], Resource: [own, logs] })
    expect(findings(guide, needed('role'))).toEqual([
      'wide statement 1: s3:Get* is more than is needed; s3:GetObject is enough',
      'wide statement 1: s3:List* is more than is needed; s3:ListBucket is enough',
      'wide statement 1: the condition on s3:prefix is missing or too wide: the names of other logs can be listed too',
    ])
  })

  test('may use one statement for bucket and objects, except for the prefix', () => {
    const both = { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: [logs, own] }
    expect(findings(policyOf(both), needed('role'))).toEqual([
      'wide statement 1: the condition on s3:prefix is missing or too wide: the names of other logs can be listed too',
    ])
  })

  test('for the whole bucket is too wide', () => {
    const wide = policyOf(
      { Effect: 'Allow', Action: 's3:ListBucket', Resource: logs, Condition: prefixed },
      { Effect: 'Allow', Action: 's3:GetObject', Resource: `${logs}/*` },
    )
    expect(findings(wide, needed('role'))).toEqual([`wide statement 2: s3:GetObject on ${logs}/*; ${own} is enough`])
  })

  test('with more than is needed is too wide, and the finding names the rest', () => {
    const { document } = needed('role')
    const more = policyOf(...document.Statement, { Sid: 'Put', Effect: 'Allow', Action: 's3:PutObject', Resource: own })
    expect(findings(more, needed('role'))).toEqual(['wide Put: s3:PutObject is not needed'])
  })

  test('may require TLS and write the actions in another case', () => {
    const { document } = needed('role')
    const lower = document.Statement.map((each) =>
      Object.assign({}, each, { Action: String(each.Action).toLowerCase() }),
    )
    const tls = {
      Effect: 'Deny',
      Action: 's3:*',
      Resource: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    }
    expect(findings(policyOf(...lower, tls), needed('role'))).toEqual([])
  })

  test('that denies a part of the logs is missing rights', () => {
    const { document } = needed('role')
    const deny = {
      Effect: 'Deny',
      Action: 's3:GetObject',
      Resource: `${logs}/AWSLogs/222222222222/CloudTrail-Digest/*`,
    }
    expect(findings(policyOf(...document.Statement, deny), needed('role'))).toEqual([
      `missing -: s3:GetObject on ${own} is not allowed: statement 3 denies it`,
    ])
  })

  test('with NotAction is too wide', () => {
    expect(findings(policyOf({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }), needed('role'))).toEqual([
      'wide statement 1: NotAction in an Allow: it allows everything except what is named',
    ])
  })

  test('may have the log accounts in two statements', () => {
    const accounts = [sharingB({ reads: ['222222222222', '333333333333'] as never })]
    const role = needed('role', { accounts })
    const halves = ['222222222222', '333333333333'].flatMap((id) => [
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: logs,
        Condition: { StringLike: { 's3:prefix': `AWSLogs/${id}/*` } },
      },
      { Effect: 'Allow', Action: 's3:GetObject', Resource: `${logs}/AWSLogs/${id}/*` },
    ])
    expect(findings(policyOf(...halves), role)).toEqual([])
    expect(findings(policyOf(...halves.slice(0, 2)), role).map((line) => line.split(' ')[0])).toEqual([
      'missing',
      'missing',
    ])
  })

  test('that is missing a right leads to the statement to add', () => {
    const { document } = needed('role')
    const [finding] = checkPolicy(readPolicy(JSON.stringify(policyOf(document.Statement[0]))), needed('role'))
    expect(finding?.add).toEqual(document.Statement[1])
  })
})

test('a long policy passes too, although its statements on the same resources are merged', () => {
  const reads = Array.from({ length: 60 }, (_, index) => String(100_000_000_000 + index)) as never
  const accounts = [sharingB({ reads, allow: ['list', 'download', 'copy', 'delete'] })]
  const role = needed('role', { accounts })
  expect(role.document.Statement.map(({ Sid }) => Sid)).toEqual(['ListLogs', 'ReadLogs', 'ReadBucketProtection'])
  expect(findings(role.document, role)).toEqual([])
})

describe('an account that runs in a container', () => {
  const pod = [sharingB({ credentials: { type: 'ecs' } })]
  const podActions = ['sts:AssumeRole', 'sts:TagSession']
  const trustOf = (service: string, Action: unknown) =>
    policyOf({ Effect: 'Allow', Principal: { Service: service }, Action })

  test.each([
    ['an EKS pod', trustOf('pods.eks.amazonaws.com', podActions)],
    ['an ECS task', trustOf('ecs-tasks.amazonaws.com', 'sts:AssumeRole')],
  ])('may have the role of %s', (_, have) => {
    expect(findings(have, needed('service-trust', { accounts: pod }))).toEqual([])
  })

  test('needs the right to tag the session as a pod', () => {
    const have = trustOf('pods.eks.amazonaws.com', 'sts:AssumeRole')
    expect(findings(have, needed('service-trust', { accounts: pod }))).toEqual([
      'missing -: sts:TagSession for Service:pods.eks.amazonaws.com is not allowed',
    ])
  })

  test('fits neither if another service may assume the role', () => {
    const found = findings(trustOf('ec2.amazonaws.com', 'sts:AssumeRole'), needed('service-trust', { accounts: pod }))
    expect(found.map((line) => line.split(' ')[0])).toEqual(['missing', 'missing', 'wide'])
  })

  test.each(['trust', 'caller'] as const)(
    'may pass on the tags of its session by the %s policy, as a pod must',
    (kind) => {
      const policy = needed(kind, { accounts: pod })
      const [statement] = policy.document.Statement
      expect(findings(policyOf({ ...statement, Action: podActions }), policy)).toEqual([])
      expect(findings(policyOf(statement), policy)).toEqual([
        expect.stringMatching(
          /^unclear -: sts:TagSession .* is not allowed: an EKS pod needs it, an ECS task does not$/,
        ),
      ])
    },
  )

  test('with its own tags must pass them on, in a task too', () => {
    const tagged = [sharingB({ credentials: { type: 'ecs' }, tags: { team: 'audit' } })]
    const { document } = needed('trust', { accounts: tagged })
    expect(document.Statement.map(({ Action }) => Action)).toEqual([podActions])
  })
})

describe('policy variables', () => {
  const own = 'arn:aws:iam::222222222222:role/Reader'
  const anyone = { Effect: 'Allow', Principal: { AWS: '*' } }
  const prefixOf = (variable: string) => `AWSLogs/${variable}/*`
  const bucketOf = (variable: string) =>
    policyOf(
      {
        ...anyone,
        Action: 's3:ListBucket',
        Resource: logs,
        Condition: { StringLike: { 's3:prefix': prefixOf(variable) } },
      },
      { ...anyone, Action: 's3:GetObject', Resource: `${logs}/${prefixOf(variable)}` },
    )
  const bucket = (role: string) => needed('bucket', { accounts: [sharingB({ role })], byBucketPolicy: true })
  const kinds = (have: unknown, policy: SharingPolicy) => findings(have, policy).map((line) => line.split(' ')[0])

  test.each(['${aws:PrincipalAccount}', '${AWS:principalaccount}'])(
    '%s is filled in with the account of the role',
    (variable) => {
      expect(kinds(bucketOf(variable), bucket(own))).toEqual(['wide', 'wide'])
      expect(kinds(bucketOf(variable), bucket('arn:aws:iam::999999999999:role/Reader'))).toContain('missing')
    },
  )

  test("are filled in for the role in the role's own policy", () => {
    const role = needed('role', { accounts: [sharingB({ role: own })] })
    const have = policyOf(
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: logs,
        Condition: { StringLike: { 's3:prefix': prefixOf('${aws:PrincipalAccount}') } },
      },
      { Effect: 'Allow', Action: 's3:GetObject', Resource: `${logs}/${prefixOf('${aws:PrincipalAccount}')}` },
    )
    expect(findings(have, role)).toEqual([])
  })

  test.each(['${aws:PrincipalTag/account}', '${aws:userid}', "${aws:PrincipalTag/account, '222222222222'}"])(
    'leave the result unclear if only AWS can fill in %s',
    (variable) => {
      const found = findings(bucketOf(variable), bucket(own))
      expect(found.filter((line) => line.startsWith('missing'))).toEqual([])
      expect(found.filter((line) => line.startsWith('unclear'))).toHaveLength(2)
    },
  )

  test('in a Deny leave it unclear what is denied', () => {
    const { document } = needed('role')
    const deny = { Effect: 'Deny', Action: 's3:GetObject', NotResource: `${logs}/${prefixOf('${aws:PrincipalTag/a}')}` }
    expect(kinds(policyOf(...document.Statement, deny), needed('role'))).toEqual(['unclear'])
  })
})

describe('an operator that lets a key be absent', () => {
  const mfa = (operator: string, value = 'true') => ({
    ...assume,
    Principal: { AWS: root },
    Condition: { [operator]: { 'aws:MultiFactorAuthPresent': value } },
  })

  test.each([
    ['BoolIfExists', 'true', ['unclear']],
    ['BoolIfExists', 'false', []],
    ['Bool', 'true', ['missing']],
    ['Bool', 'false', ['unclear']],
    ['Null', 'true', ['unclear']],
  ])(
    '%s aws:MultiFactorAuthPresent %s: %j, because a request with long-lived keys lacks the key',
    (operator, value, expected) => {
      const found = findings(policyOf(mfa(operator, value)), needed('trust'))
      expect(found.map((line) => line.split(' ')[0]).filter((kind) => kind !== 'wide')).toEqual(expected)
    },
  )

  test('makes a Deny without MFA apply to requests that lack the key', () => {
    const deny = { ...mfa('BoolIfExists', 'false'), Effect: 'Deny', Principal: '*' }
    const found = findings(policyOf({ ...assume, Principal: { AWS: root } }, deny), needed('trust'))
    expect(found.map((line) => line.split(' ')[0])).toEqual(['missing'])
  })

  test('holds for a key that is known to be absent', () => {
    const statement = {
      ...assume,
      Principal: { AWS: root },
      Condition: { StringEqualsIfExists: { 'sts:ExternalId': 'x' } },
    }
    expect(findings(policyOf(statement), needed('trust'))).toEqual([])
  })

  test('IgnoreCase ignores case', () => {
    const statement = {
      ...assume,
      Principal: { AWS: root },
      Condition: { StringEqualsIgnoreCase: { 'sts:ExternalId': 'Z-4711' } },
    }
    const found = findings(policyOf(statement), needed('trust', { accounts: withId }))
    expect(found.filter((line) => line.startsWith('missing'))).toEqual([])
  })
})

describe('policies that serve others too', () => {
  test('does not judge the other rights of a caller', () => {
    const { document } = needed('caller')
    const others = policyOf(...document.Statement, { Effect: 'Allow', Action: 'ec2:*', Resource: '*' })
    expect(findings(others, needed('caller'))).toEqual([])
    expect(findings(policyOf({ ...assume, Resource: '*' }), needed('caller'))).toEqual([
      'wide statement 1: sts:AssumeRole on *; arn:aws:iam::111111111111:role/CloudTrailLogs-B is enough',
    ])
  })

  test("does not judge a bucket's statement for CloudTrail, but its statement for everyone", () => {
    const bucket = needed('bucket', { byBucketPolicy: true })
    const trail = {
      Effect: 'Allow',
      Principal: { Service: 'cloudtrail.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: `${logs}/*`,
    }
    expect(findings(policyOf(...bucket.document.Statement, trail), bucket)).toEqual([])
    const anyone = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: own }
    expect(findings(policyOf(...bucket.document.Statement, anyone), bucket)).toEqual([
      'wide statement 3: anyone may use s3:GetObject: the principal is *',
    ])
  })

  test("reports a bucket's statement for the whole account of the role as too wide", () => {
    const accounts = [sharingB({ role: 'arn:aws:iam::222222222222:role/Reader' })]
    const bucket = needed('bucket', { accounts })
    const all = { Effect: 'Allow', Principal: { AWS: root }, Action: 's3:*', Resource: [logs, `${logs}/*`] }
    expect(findings(policyOf(all), bucket)).toEqual([
      'wide statement 1: s3:* is more than is needed; s3:ListBucket, s3:GetObject is enough',
      'wide statement 1: it trusts arn:aws:iam::222222222222:root; arn:aws:iam::222222222222:role/Reader is enough',
      'wide statement 1: s3:GetObject on arn:aws:s3:::logs/*; arn:aws:s3:::logs/AWSLogs/222222222222/* is enough',
    ])
  })

  test("a key policy that delegates to its account's IAM is enough", () => {
    const keyArn = 'arn:aws:kms:us-east-1:111111111111:key/1'
    const iam = {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111111111111:root' },
      Action: 'kms:*',
      Resource: '*',
    }
    expect(findings(policyOf(iam), needed('key', { extras: { keyArn } }))).toEqual([])
  })
})
