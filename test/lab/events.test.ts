import { expect, test } from 'vitest'
import { sampleRecords } from '../../src/lab/events.ts'
import { seededRandom } from '../../src/lab/random.ts'
import { valueAt } from '../../src/records/record.ts'
import { userText } from '../../src/records/record-names.ts'
import type { AccountId } from '../../src/trail/account-id.ts'

const facts = {
  account: '222222222222' as AccountId,
  region: 'eu-west-1',
  fromMs: Date.UTC(2026, 10, 3, 12),
  toMs: Date.UTC(2026, 10, 3, 12, 15),
}
const events = sampleRecords(seededRandom(7), { ...facts, kind: 'events', count: 4_000 })
const text = (record: Record<string, unknown>, path: string) => valueAt(record, path.split('.'))
const named = (name: string) => events.filter((record) => record['eventName'] === name)
const values = (path: string) => new Set(events.map((record) => text(record, path)))

test('has as many records as requested, and their times are in the interval', () => {
  expect(events).toHaveLength(4_000)
  const times = events.map(({ eventTime }) => Date.parse(String(eventTime)))
  expect(Math.min(...times)).toBeGreaterThanOrEqual(facts.fromMs)
  expect(Math.max(...times)).toBeLessThanOrEqual(facts.toMs)
})

test('the same seed gives the same records', () => {
  const again = sampleRecords(seededRandom(7), { ...facts, kind: 'events', count: 4_000 })
  expect(JSON.stringify(again)).toBe(JSON.stringify(events))
})

test('no two records share an id', () => {
  expect(values('eventID').size).toBe(events.length)
})

test('users and root log in, with and without MFA, successfully and not', () => {
  const logins = named('ConsoleLogin')
  const seen = new Set(
    logins.map((record) =>
      ['userIdentity.type', 'responseElements.ConsoleLogin', 'additionalEventData.MFAUsed']
        .map((path) => text(record, path))
        .join(' '),
    ),
  )
  expect(seen).toEqual(new Set(['IAMUser Success Yes', 'IAMUser Success No', 'IAMUser Failure No', 'Root Success No']))
})

test('denied calls have the messages of IAM and of EC2, and no response', () => {
  const denied = events.filter(({ errorCode }) => errorCode !== undefined)
  expect(new Set(denied.map(({ errorCode }) => errorCode))).toEqual(
    new Set(['AccessDenied', 'Client.UnauthorizedOperation']),
  )
  expect(denied.every(({ responseElements }) => responseElements === null)).toBe(true)
})

test('the response of AssumeRole has the access key of the new session, also in a chain of roles', () => {
  const keys = new Map(
    named('AssumeRole').map((record) => [text(record, 'responseElements.credentials.accessKeyId'), record]),
  )
  const chained = named('AssumeRole').filter((record) => keys.has(text(record, 'userIdentity.accessKeyId')))
  expect(chained.length).toBeGreaterThan(10)
  for (const second of chained) {
    const key = text(second, 'responseElements.credentials.accessKeyId')
    const calls = events.filter((record) => text(record, 'userIdentity.accessKeyId') === key)
    const arn = text(second, 'responseElements.assumedRoleUser.arn')
    expect(calls.every((record) => text(record, 'userIdentity.arn') === arn)).toBe(true)
    const issuer = calls.map((record) => text(record, 'userIdentity.sessionContext.sessionIssuer.arn'))
    expect(new Set(issuer).size).toBeLessThanOrEqual(1)
    if (calls.length === 3) {
      expect(calls.map(({ eventName }) => eventName)).toEqual([
        'StopLogging',
        expect.stringMatching(/^(?:Get|Put)Object$/),
        'DeleteBucket',
      ])
    }
  }
})

test.each([
  'DeleteBucket',
  'DeleteTrail',
  'StopLogging',
  'Decrypt',
  'GenerateDataKey',
  'ScheduleKeyDeletion',
  'CreateAccessKey',
  'AttachUserPolicy',
  'GetObject',
  'PutObject',
])('there are calls of %s', (name) => {
  expect(named(name).length).toBeGreaterThan(5)
})

test('callers are users, roles, root and AWS services, with several user agents', () => {
  expect(values('userIdentity.type')).toEqual(new Set(['IAMUser', 'AssumedRole', 'Root', 'AWSService']))
  expect(events.filter((record) => userText(record) === undefined)).toEqual([])
  expect(values('userIdentity.invokedBy')).toContain('secretsmanager.amazonaws.com')
  const agents = [...values('userAgent')].map(String)
  for (const start of ['aws-cli/', 'Boto3/', 'APN/', 'Mozilla/', 'cloudtrail.amazonaws.com']) {
    expect(agents.some((agent) => agent.startsWith(start))).toBe(true)
  }
})

test('object calls are data events, and some records have an event context', () => {
  expect(named('GetObject').every(({ eventCategory }) => eventCategory === 'Data')).toBe(true)
  expect(values('eventContext.tagContext.resourceTags.0.tags.team')).toContain('chen')
})

test('records of the other kinds have the fields of their kind', () => {
  const of = (kind: 'insight' | 'network-activity' | 'aggregated') =>
    sampleRecords(seededRandom(7), { ...facts, kind, count: 200 })
  expect(of('insight')[0]).toMatchObject({ eventCategory: 'Insight', insightDetails: { eventName: 'RunInstances' } })
  const network = of('network-activity')
  expect(network[0]).toMatchObject({ eventCategory: 'NetworkActivity', eventType: 'AwsVpceEvent' })
  expect(new Set(network.map(({ errorCode }) => errorCode))).toEqual(new Set([undefined, 'VpceAccessDenied']))
  const [aggregated] = of('aggregated')
  expect(aggregated).toMatchObject({ eventCategory: 'Aggregated', accountId: facts.account })
  expect(aggregated).not.toHaveProperty('eventTime')
  expect(text(aggregated ?? {}, 'timeWindow.windowEnd')).toMatch(/^2026-11-03T12:(?:00|05|10|15):00Z$/)
})
