import { expect, it } from 'vitest'

import { loadText, problemsOf, withLines } from './written.ts'

const hop = 'arn:aws:iam::333333333333:role/Hop'
const twoHours = 'duration: 2h'

it('a single role may last two hours', () => {
  expect(loadText(withLines([twoHours])).accounts[0]?.durationSeconds).toBe(7200)
})

it.each([
  `via: [${hop}]`,
  'credentials: { ec2: true }',
  'credentials: { ecs: true }',
  'credentials: { sso: audit }',
  `credentials: { webIdentity: { tokenFile: t, role: "${hop}" } }`,
])('two hours are too long after %s', (line) => {
  expect(problemsOf(withLines([line, twoHours]))).toEqual(['10:15 accounts.B.duration: too long for a chained role'])
})

it('a chained role may last one hour', () => {
  expect(loadText(withLines([`via: [${hop}]`, 'duration: 3600'])).accounts[0]?.durationSeconds).toBe(3600)
})

it('the first hop may last two hours, the second may not', () => {
  const written = `{ role: "${hop}", duration: 2h }`
  expect(problemsOf(withLines([`via: [${written}, ${written}]`]))).toEqual([
    expect.stringContaining('accounts.B.via[1].duration: too long for a chained role'),
  ])
})

it('the first role after instance credentials may not last two hours', () => {
  const via = `via: [{ role: "${hop}", duration: 2h }]`
  expect(problemsOf(withLines([via, 'credentials: { ec2: true }']))).toEqual([
    expect.stringContaining('accounts.B.via[0].duration: too long for a chained role'),
  ])
})

it.each([
  ['role: arn:aws-cn:iam::111111111111:role/R', 'role'],
  ['via: [arn:aws-us-gov:iam::333333333333:role/Hop]', 'via[0]'],
  ['via: [{ role: "arn:aws-cn:iam::333333333333:role/Hop" }]', 'via[0].role'],
  ['stsRegion: cn-north-1', 'stsRegion'],
  [
    'credentials: { webIdentity: { tokenFile: t, role: "arn:aws-cn:iam::333333333333:role/W" } }',
    'credentials.webIdentity.role',
  ],
])('%s is refused for a trail in us-east-1, because the partition differs', (line, at) => {
  expect(problemsOf(withLines([line]))).toEqual([
    expect.stringMatching(
      new RegExp(`accounts\\.B\\.${at.replace(/[[\].]/g, '\\$&')}: not the partition of the trail$`),
    ),
  ])
})

it('a trail in China accepts roles in China', () => {
  const text = withLines(['role: arn:aws-cn:iam::111111111111:role/R'], ['region: cn-north-1'])
  expect(loadText(text).accounts[0]?.stsRegion).toBe('cn-north-1')
})

it('a role may be in another account than the bucket', () => {
  expect(loadText(withLines([`role: ${hop}`])).accounts[0]?.role).toBe(hop)
})

it('two credential sources are refused', () => {
  expect(problemsOf(withLines(['credentials: { env: true, profile: audit }']))).toEqual([
    '9:18 accounts.B.credentials: wrong number of credential sources',
  ])
})

it.each(['-B', '"B C"', '.', '"a/b"', '""', `"${'x'.repeat(65)}"`, 'Ä', '"${env:B}"'])('%s is not a label', (label) => {
  expect(problemsOf(withLines().replace('  B:', `  ${label}:`))).toEqual([
    expect.stringMatching(/^6:3 .*: wrong name$/),
  ])
})

it.each(['B', 'b.c-d_e', '7up', '"222222222222"', 'constructor', 'toString'])('%s is a label', (label) => {
  expect(loadText(withLines().replace('  B:', `  ${label}:`)).accounts[0]?.label).toBe(label.replaceAll('"', ''))
})

it('a label that YAML reads as a number is refused, because its text would change', () => {
  expect(problemsOf(withLines().replace('  B:', '  0123:'))).toContain('6:3 accounts: invalid key')
})

it('a config without an account is refused', () => {
  expect(problemsOf(withLines().replace(/accounts:[^]*/, 'accounts: {}\n'))).toEqual(['5:11 accounts: no account'])
})

it.each(['aws:team', 'AWS:team', '"te;am"', `"${'x'.repeat(129)}"`, '""'])('%s is not the name of a tag', (name) => {
  expect(problemsOf(withLines([`tags: { ? ${name} : x }`]))).toEqual([expect.stringMatching(/: wrong name$/)])
})

it('fifty tags are allowed, 51 are refused', () => {
  const tags = (count: number): string =>
    `tags: { ${Array.from({ length: count }, (_, index) => `t${index}: x`).join(', ')} }`
  expect(Object.keys(loadText(withLines([tags(50)])).accounts[0]?.tags ?? {})).toHaveLength(50)
  expect(problemsOf(withLines([tags(51)]))).toEqual(['9:11 accounts.B.tags: too many tags'])
})

it.each([
  ['s3://example-cloudtrail-logs/foo', 'an address instead of a key prefix'],
  ['AWSLogs', 'the prefix must not include AWSLogs'],
  ['foo/AWSLogs/', 'the prefix must not include AWSLogs'],
  ['AWSLogs/222222222222/CloudTrail', 'the prefix must not include AWSLogs'],
  ['/foo', 'an empty folder in the prefix; CloudTrail does not deliver to one'],
  ['/', 'an empty folder in the prefix; CloudTrail does not deliver to one'],
  ['foo//bar', 'an empty folder in the prefix; CloudTrail does not deliver to one'],
  ['foo//', 'an empty folder in the prefix; CloudTrail does not deliver to one'],
])('the prefix %s is refused, because it would match no logs', (prefix, message) => {
  expect(problemsOf(withLines([], [`prefix: ${prefix}`]))).toEqual([`5:11 trail.prefix: ${message}`])
})

it('a prefix that only resembles these is accepted', () => {
  expect(loadText(withLines([], ['prefix: my-AWSLogs/s3'])).trail.prefix).toBe('my-AWSLogs/s3')
})

const queue = 'https://sqs.us-east-1.amazonaws.com/222222222222/new-logs'
const localQueue = 'http://127.0.0.1:4566/222222222222/new-logs'

it.each([
  [`sqs: ${queue}`, { url: queue, region: undefined }],
  [`sqs: { url: "${queue}" }`, { url: queue, region: undefined }],
  [`sqs: { url: "${queue}", region: us-east-1 }`, { url: queue, region: 'us-east-1' }],
  [`sqs: { url: "${localQueue}", region: eu-west-1 }`, { url: localQueue, region: 'eu-west-1' }],
])('%s is a queue, of an account or of the trail', (line, sqs) => {
  expect(loadText(withLines([line])).accounts[0]?.sqs).toEqual(sqs)
  expect(loadText(withLines([], [line])).accounts[0]?.sqs).toEqual(sqs)
})

it.each([
  [`sqs: ${localQueue}`, 'sqs: a queue without its region'],
  [`sqs: { url: "${localQueue}" }`, 'sqs: a queue without its region'],
  [`sqs: { url: "${queue}", region: eu-west-1 }`, 'sqs.region: not the region that the URL of the queue names'],
  [`sqs: { url: "${queue}", region: mars }`, 'sqs.region: wrong value'],
  ['sqs: https://sqs.cn-north-1.amazonaws.com.cn/222222222222/q', 'sqs: not the partition of the trail'],
  [`sqs: { url: "${localQueue}", region: cn-north-1 }`, 'sqs.region: not the partition of the trail'],
  [`sqs: ${queue}.fifo`, 'sqs: a FIFO queue, to which S3 and CloudTrail cannot announce logs'],
  [`sqs: { url: "${queue}.fifo" }`, 'sqs.url: a FIFO queue, to which S3 and CloudTrail cannot announce logs'],
  ['sqs: http://example.com/222222222222/q', 'sqs: http to another machine instead of https'],
  ['sqs: new-logs', 'sqs: not the URL of a queue'],
  ['sqs: {}', 'sqs.url: missing'],
  ['sqs: 7', 'sqs: a number instead of text; put it in quotes'],
  [`sqs: { url: "${queue}", name: q }`, 'sqs.name: unknown key'],
])('%s is refused for an account and for the trail', (line, problem) => {
  expect(problemsOf(withLines([line]))).toEqual([expect.stringMatching(new RegExp(` accounts\\.B\\.${problem}$`))])
  expect(problemsOf(withLines([], [line]))).toEqual([expect.stringMatching(new RegExp(` trail\\.${problem}$`))])
})

it("an account's own queue replaces the trail's", () => {
  const text = withLines([`sqs: ${queue}`], ['sqs: https://sqs.us-east-1.amazonaws.com/111111111111/all'])
  expect(loadText(text).accounts[0]?.sqs?.url).toBe(queue)
})
