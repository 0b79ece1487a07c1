import { describe, expect, test } from 'vitest'
import { linesOf } from '../../../src/verbs/events/found-records.ts'
import { LogSearch, type SearchOptions } from '../../../src/verbs/events/log-search.ts'
import { shortEventId } from '../../../src/sinks/event-id.ts'
import { codeOf } from '../../disk/error-code.ts'

const everything: SearchOptions = {
  conditions: [],
  window: {},
  logAccounts: [],
  regions: [],
  kinds: [],
  form: { type: 'bytes' },
}

function search(log: string | Buffer, options: Partial<SearchOptions> = {}, parts = { file: 'f' }) {
  const searched = new LogSearch({ ...everything, ...options }).search(Buffer.from(log), parts)
  const { found } = searched
  return {
    ...searched,
    lines: found === undefined ? [] : [...linesOf(found)].map((line) => Buffer.from(line).toString()),
  }
}

const records = (...texts: readonly string[]) => `{"Records":[${texts.join(',')}]}`
const at = (eventTime: string) => Date.parse(eventTime)

describe('the window of event times', () => {
  const window = { fromMs: at('2026-11-01T00:00:00Z'), toMs: at('2026-11-01T01:00:00Z') }
  const isFound = (record: object) => search(records(JSON.stringify(record)), { window }).lines.length === 1

  test.each([
    ['2026-10-31T23:59:59Z', false],
    ['2026-11-01T00:00:00Z', true],
    ['2026-11-01T00:59:59Z', true],
    ['2026-11-01T01:00:00Z', false],
    ['2026-11-01T01:30:00+01:00', true],
  ])('an event at %s: %j', (eventTime, found) => {
    expect(isFound({ eventTime })).toBe(found)
  })

  test.each([
    ['2026-10-31T23:50:00Z', '2026-11-01T00:00:00Z', false],
    ['2026-10-31T23:50:00Z', '2026-11-01T00:00:01Z', true],
    ['2026-11-01T00:59:59Z', '2026-11-01T01:10:00Z', true],
    ['2026-11-01T01:00:00Z', '2026-11-01T01:10:00Z', false],
    ['2026-10-31T00:00:00Z', '2026-11-02T00:00:00Z', true],
    ['2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z', true],
  ])('an aggregated record from %s to %s: %j', (windowStart, windowEnd, found) => {
    expect(isFound({ timeWindow: { windowStart, windowEnd } })).toBe(found)
  })

  test.each([
    ['no time', {}],
    ['a number', { eventTime: 1 }],
    ['a text that is not a time', { eventTime: 'yesterday' }],
    ['a day that does not exist', { eventTime: '2026-13-01T00:00:00Z' }],
    ['an empty window', { timeWindow: {} }],
  ])('a record with %s is unreadable if a window is asked for, and found if none is', (_what, record) => {
    const log = records(JSON.stringify(record))
    expect(search(log, { window })).toMatchObject({ lines: [], unreadable: [{ at: 0, why: 'it has no event time' }] })
    expect(search(log)).toMatchObject({ lines: [JSON.stringify(record)], unreadable: [] })
  })

  test('a record without a time that a filter leaves out is not unreadable', () => {
    const conditions = [{ field: 'eventName', any: ['A'], none: [] }] as const
    expect(search(records('{"eventName":"B"}'), { window, conditions })).toMatchObject({ lines: [], unreadable: [] })
  })

  test('an open window has one end', () => {
    const log = records('{"eventTime":"2026-11-01T00:00:00Z"}')
    expect(search(log, { window: { fromMs: window.fromMs } }).lines).toHaveLength(1)
    expect(search(log, { window: { fromMs: window.toMs } }).lines).toHaveLength(0)
    expect(search(log, { window: { toMs: window.fromMs } }).lines).toHaveLength(0)
  })
})

test('a record that is not JSON is reported with its place, and the others are found', () => {
  const log = records('{"a":1}', '{"a":}', '{"a":3}')
  expect(search(log)).toMatchObject({ records: 3, lines: ['{"a":1}', '{"a":3}'], unreadable: [{ at: 1 }] })
})

test('a line has the bytes of its record, with spaces instead of line breaks', () => {
  const log = Buffer.from('{"Records":[ {\r\n  "a": 12345678901234567890,\n\t"b":"\xff"\n} ]}', 'latin1')
  const { found } = search(log)
  expect(Buffer.from(found?.lines ?? []).toString('latin1')).toBe('{ "a": 12345678901234567890, "b":"\xff" }\n')
})

test('each record has its id and time; the id of an aggregated record is its eventId', () => {
  const log = records(
    '{"eventID":"a","eventTime":"2026-11-01T00:00:00Z"}',
    '{"eventId":"b","timeWindow":{"windowStart":"2026-11-01T00:05:00Z","windowEnd":"2026-11-01T00:10:00Z"}}',
    '{"eventID":7}',
  )
  const { found } = search(log)
  expect(Buffer.from(found?.ids ?? [])).toEqual(Buffer.concat([shortEventId('a'), shortEventId('b'), Buffer.alloc(16)]))
  expect([...(found?.timesMs ?? [])]).toEqual([at('2026-11-01T00:00:00Z'), at('2026-11-01T00:05:00Z'), Number.NaN])
})

describe('a log whose name is not one of CloudTrail', () => {
  const log = records(
    '{"recipientAccountId":"1","awsRegion":"us-east-1"}',
    '{"accountId":"2","awsRegion":"eu-west-1","eventCategory":"Aggregated"}',
    '{"userIdentity":{"accountId":"3"},"eventCategory":"Insight"}',
    '{"eventCategory":"NetworkActivity"}',
  )
  const form = { type: 'fields', fields: ['log_account', 'log_region', 'kind', 'file'] } as const

  test('gets its account, region and kind from each record', () => {
    expect(search(log, { form }).found?.values).toEqual([
      ['1', 'us-east-1', 'events', 'f'],
      ['2', 'eu-west-1', 'aggregated', 'f'],
      ['3', undefined, 'insight', 'f'],
      [undefined, undefined, 'network-activity', 'f'],
    ])
  })

  test.each([
    [{ logAccounts: ['2'] }, 1],
    [{ logAccounts: ['1', '3'] }, 2],
    [{ regions: ['us-east-1'] }, 1],
    [{ kinds: ['insight', 'network-activity'] }, 2],
    [{ logAccounts: ['1'], kinds: ['insight'] }, 0],
  ])('is selected record by record: %j', (selection, count) => {
    expect(search(log, selection).lines).toHaveLength(count)
  })
})

test('the name of the log takes precedence over the fields of the record', () => {
  const form = { type: 'fields', fields: ['log_account', 'log_region', 'kind'] } as const
  const parts = { file: 'f', logAccount: '9', region: 'us-west-2', kind: 'insight' }
  expect(search(records('{"recipientAccountId":"1","awsRegion":"us-east-1"}'), { form }, parts).found?.values).toEqual([
    ['9', 'us-west-2', 'insight'],
  ])
})

describe('fields', () => {
  const values = (record: string, ...fields: readonly string[]) =>
    search(records(record), { form: { type: 'fields', fields } }).found?.values?.[0]

  test('are values at a path; lists and objects are JSON', () => {
    const record = '{"a":{"b":[{"c":"x"}]},"n":1.5,"t":true,"z":null,"constructor":1}'
    expect(values(record, 'a.b.0.c', 'a.b', 'n', 't', 'z', 'a.x', 'toString', 'constructor')).toEqual([
      'x',
      '[{"c":"x"}]',
      1.5,
      true,
      null,
      undefined,
      undefined,
      1,
    ])
  })

  test.each([
    ['a user', '{"type":"IAMUser","userName":"alice","arn":"arn:aws:iam::1:user/alice"}', 'alice'],
    ['the root user', '{"type":"Root","userName":"x"}', 'root'],
    [
      'a session of a role',
      '{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/r/s","sessionContext":{"sessionIssuer":{"userName":"r"}}}',
      'r/s',
    ],
    ['a service', '{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}', 'ec2.amazonaws.com'],
    ['nobody', '{}', undefined],
    ['a text', '"x"', undefined],
  ])('user: %s', (_who, userIdentity, user) => {
    expect(values(`{"userIdentity":${userIdentity}}`, 'user')).toEqual([user])
  })

  test.each([
    ['the first resource', '{"resources":[{"ARN":"arn:x"}],"requestParameters":{"bucketName":"b"}}', 'arn:x'],
    ['a parameter', '{"requestParameters":{"x":"1","bucketName":"b"}}', 'b'],
    ['none', '{"requestParameters":null}', undefined],
  ])('resource: %s', (_what, record, resource) => {
    expect(values(record, 'resource')).toEqual([resource])
  })

  test('a field that is nested too deep for JSON.stringify makes only its own record unreadable', () => {
    const deep = `{"eventName":"A","x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    const log = records(deep, '{"eventName":"B","x":1}')
    const { found, unreadable } = search(log, { form: { type: 'fields', fields: ['eventName', 'x'] } })
    expect(found?.values?.at(-1)).toEqual(['B', 1])
    expect((found?.count ?? 0) + unreadable.length).toBe(2)
  })
})

test.each([
  ['s3', ['s3.amazonaws.com']],
  ['s3.amazonaws.com', ['s3.amazonaws.com']],
  ['s3*', ['s3', 's3.amazonaws.com', 's3.amazonaws.com.cn', 's3express.amazonaws.com']],
  ['signin.aws', ['signin.aws']],
])('the source %s is found in %j only', (pattern, sources) => {
  const all = [
    's3',
    's3.amazonaws.com',
    's3.amazonaws.com.cn',
    's3express.amazonaws.com',
    'S3.amazonaws.com',
    'signin.aws',
  ]
  const log = records(...all.map((eventSource) => JSON.stringify({ eventSource })))
  const conditions = [{ field: 'eventSource', any: [pattern], none: [] }] as const
  expect(
    search(log, { conditions }).lines.map((line) => (JSON.parse(line) as { eventSource: string }).eventSource),
  ).toEqual(sources)
})

test.each([
  ['bucket', ['arn:aws:s3:::bucket', 'bucket']],
  ['key', ['arn:aws:s3:::bucket/dir/key']],
  ['arn:aws:s3:::bucket', ['arn:aws:s3:::bucket']],
  ['dir/key', ['dir/key']],
  ['*bucket*', ['arn:aws:s3:::bucket', 'arn:aws:s3:::bucket/dir/key', 'bucket']],
])('the resource %s is found in %j only', (pattern, resources) => {
  const all = ['arn:aws:s3:::bucket', 'arn:aws:s3:::bucket/dir/key', 'bucket', 'dir/key', 'arn:aws:sns:::']
  const conditions = [{ field: 'resource', any: [pattern], none: [] }] as const
  for (const place of [
    (text: string) => ({ resources: [{ ARN: text }] }),
    (text: string) => ({ requestParameters: { a: [{ b: text }] } }),
  ]) {
    const lines = all.map((text) => JSON.stringify(place(text)))
    expect(search(records(...lines), { conditions }).lines).toEqual(
      resources.map((text) => JSON.stringify(place(text))),
    )
  }
})

describe('the caller', () => {
  const session = {
    type: 'AssumedRole',
    principalId: 'AROAEXAMPLE:alice',
    arn: 'arn:aws:sts::1:assumed-role/OrgAccess/alice',
    sessionContext: { sessionIssuer: { userName: 'OrgAccess', arn: 'arn:aws:iam::1:role/path/OrgAccess' } },
  }
  test.each([
    [
      'a user',
      { userName: 'bob', arn: 'arn:aws:iam::1:user/team/bob' },
      ['bob', 'arn:aws:iam::1:user/team/bob'],
      ['team', 'team/bob'],
    ],
    [
      'a session of a role',
      session,
      ['alice', 'OrgAccess', session.arn, 'arn:aws:iam::1:role/path/*'],
      ['path', 'AROAEXAMPLE'],
    ],
    ['a session without an issuer', { arn: session.arn }, ['alice', 'OrgAccess'], ['sts', 'assumed-role']],
    ['a session without an ARN', { principalId: 'AROAEXAMPLE:alice:x' }, ['alice:x'], ['alice', 'x', 'AROAEXAMPLE']],
    ['the root user', { type: 'Root', arn: 'arn:aws:iam::1:root' }, ['root', 'r??t'], ['Root']],
    ['the root user without an ARN', { type: 'Root' }, ['root', 'r??t'], ['Root', 'IAMUser']],
    [
      'a service',
      { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
      ['ec2.amazonaws.com', 'ec2*'],
      ['ec2', 'AWSService'],
    ],
  ])('is %s, who is found by each name and no other text', (_who, userIdentity, names, others) => {
    const log = records(JSON.stringify({ userIdentity }), '{}')
    const find = (name: string) => search(log, { conditions: [{ field: 'user', any: [name], none: [] }] }).lines.length
    expect(names.map((name) => [name, find(name)])).toEqual(names.map((name) => [name, 1]))
    expect(others.map((name) => [name, find(name)])).toEqual(others.map((name) => [name, 0]))
  })
})

test('a row begins with the fields of its log', () => {
  const parts = { file: 'f"é', logAccount: '9', region: 'us-west-2', kind: 'events' }
  const form = { type: 'row' } as const
  expect(search(records('{ "a":1}', '{ }'), { form }, parts).lines).toEqual([
    '{"log_account":"9","log_region":"us-west-2","kind":"events","file":"f\\"é", "a":1}',
    '{"log_account":"9","log_region":"us-west-2","kind":"events","file":"f\\"é" }',
  ])
})

test('records nested 100,000 deep and of 1 MB are found by a word in them', () => {
  const deep = `{"x":${'['.repeat(100_000)}"needle"${']'.repeat(100_000)}}`
  const large = `{"x":"${'x'.repeat(1024 * 1024)}needle"}`
  const conditions = [{ field: 'contains', any: ['needle'], none: [] }] as const
  expect(search(records('{}', deep, large), { conditions }).lines).toEqual([deep, large])
})

test('-1e999 is found as -Infinity, like JSON.parse reads it', () => {
  const conditions = [{ field: 'contains', any: ['-Inf'], none: [] }] as const
  expect(search(records('{"x":-1e999}', '{"x":1}'), { conditions }).lines).toHaveLength(1)
})

test('a digest has no records, and other JSON is not a log', () => {
  expect(search('{"logFiles":[]}')).toMatchObject({ records: 0, found: undefined, unreadable: [] })
  expect(codeOf(() => search('{"a":1}'))).toBe('object.not-a-log')
})
