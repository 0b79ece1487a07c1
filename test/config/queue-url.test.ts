import { expect, it } from 'vitest'

import { parseQueueUrl, queueUrlPattern } from '../../src/config/queue-url.ts'

const path = '/111111111111/new-logs'

it.each([
  ['https://sqs.us-east-1.amazonaws.com', 'us-east-1'],
  ['https://sqs-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
  ['https://sqs.eu-central-1.api.aws', 'eu-central-1'],
  ['https://sqs.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
  ['https://sqs.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1'],
  ['https://queue.amazonaws.com', 'us-east-1'],
  ['https://eu-west-1.queue.amazonaws.com', 'eu-west-1'],
  ['https://vpce-0ab1-2cd3.sqs.us-east-2.vpce.amazonaws.com', 'us-east-2'],
])('%s names its region', (host, region) => {
  expect(parseQueueUrl(host + path)).toEqual({
    url: host + path,
    region,
    account: '111111111111',
    name: 'new-logs',
  })
})

it.each([
  'http://127.0.0.1:4566',
  'http://[::1]:4566',
  'http://localhost:4566',
  'https://sqs.example.com',
  'https://sqs.us-east-1.amazonaws.com.example.com',
  'https://sqs.mars.amazonaws.com',
])('%s names no region', (host) => {
  expect(parseQueueUrl(host + path)).toMatchObject({ region: undefined, name: 'new-logs' })
})

it.each([
  ['', 'not the URL of a queue'],
  ['new-logs', 'not the URL of a queue'],
  ['arn:aws:sqs:us-east-1:111111111111:new-logs', 'not the URL of a queue'],
  ['redis://127.0.0.1/111111111111/new-logs', 'not the URL of a queue'],
  ['https://sqs.us-east-1.amazonaws.com/', 'not the URL of a queue'],
  ['https://sqs.us-east-1.amazonaws.com/new-logs', 'not the URL of a queue'],
  ['https://sqs.us-east-1.amazonaws.com/11111111111/new-logs', 'not the URL of a queue'],
  ['https://sqs.us-east-1.amazonaws.com/111111111111/new logs', 'not the URL of a queue'],
  ['https://sqs.us-east-1.amazonaws.com/111111111111/new-logs/', 'not the URL of a queue'],
  ['https://sqs.us-east-1.amazonaws.com/111111111111/new-logs?Action=DeleteQueue', 'not the URL of a queue'],
  ['https://sqs.us-east-1.amazonaws.com/111111111111/new-logs#x', 'not the URL of a queue'],
  [`https://sqs.us-east-1.amazonaws.com/111111111111/${'q'.repeat(81)}`, 'not the URL of a queue'],
  ['https://ana:hunter2@sqs.us-east-1.amazonaws.com/111111111111/new-logs', 'a URL with credentials'],
  ['http://sqs.us-east-1.amazonaws.com/111111111111/new-logs', 'http to another machine instead of https'],
  [
    'https://sqs.us-east-1.amazonaws.com/111111111111/new-logs.fifo',
    'a FIFO queue, to which S3 and CloudTrail cannot announce logs',
  ],
])('%s is refused: %s', (url, wrong) => {
  expect(parseQueueUrl(url)).toEqual({ wrong })
})

it('the pattern for editors accepts what the parser accepts', () => {
  expect(`https://sqs.us-east-1.amazonaws.com${path}`).toMatch(queueUrlPattern)
  expect(`http://[::1]:4566${path}`).toMatch(queueUrlPattern)
  expect(`https://ana:hunter2@example.com${path}`).not.toMatch(queueUrlPattern)
  expect(`https://sqs.us-east-1.amazonaws.com${path}.fifo`).not.toMatch(queueUrlPattern)
})
