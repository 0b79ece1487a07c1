import { expect, test } from 'vitest'
import type { CrosstrailError } from '../../src/error.ts'
import { queueAddress, queueEndpoint } from '../../src/queue/address.ts'

const path = '/111111111111/new-logs'

test.each([
  ['https://sqs.eu-central-1.amazonaws.com', 'eu-central-1', {}],
  ['https://sqs.cn-north-1.amazonaws.com.cn', 'cn-north-1', {}],
  ['https://sqs.us-gov-west-1.amazonaws.com', 'us-gov-west-1', {}],
  ['https://sqs.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1', {}],
  ['https://eu-west-1.queue.amazonaws.com', 'eu-west-1', {}],
  ['https://queue.amazonaws.com', 'us-east-1', {}],
  ['https://sqs-fips.us-east-2.amazonaws.com', 'us-east-2', { useFipsEndpoint: true }],
  ['https://sqs.eu-west-1.api.aws', 'eu-west-1', { useDualstackEndpoint: true }],
  ['https://sqs-fips.us-east-1.api.aws', 'us-east-1', { useFipsEndpoint: true, useDualstackEndpoint: true }],
  [
    'https://vpce-0abc-1234.sqs.eu-west-1.vpce.amazonaws.com',
    'eu-west-1',
    { endpoint: 'https://vpce-0abc-1234.sqs.eu-west-1.vpce.amazonaws.com' },
  ],
])('%s is in %s', (origin, region, endpoint) => {
  const address = queueAddress(origin + path)
  expect(address).toEqual({ url: origin + path, region, name: 'new-logs', account: '111111111111' })
  expect(queueAddress(origin + path, region)).toEqual(address)
  expect(queueEndpoint(address)).toEqual(endpoint)
})

test.each(['http://127.0.0.1:9000', 'http://localhost:9000', 'http://[::1]:9000', 'https://sqs.example.org'])(
  '%s needs a region, and is sent to as it is',
  (origin) => {
    const address = queueAddress(origin + path, 'us-east-1')
    expect(address).toMatchObject({ region: 'us-east-1', name: 'new-logs' })
    expect(queueEndpoint(address)).toEqual({ endpoint: origin })
    expect(() => queueAddress(origin + path)).toThrow('its host names no region')
  },
)

test.each([
  ['new-logs', 'it is not a URL'],
  ['arn:aws:sqs:us-east-1:111111111111:new-logs', 'it does not begin with https://'],
  [`http://sqs.us-east-1.amazonaws.com${path}`, 'it is not encrypted'],
  [`http://192.0.2.1${path}`, 'it is not encrypted'],
  [`http://127.0.0.1.example.org${path}`, 'it is not encrypted'],
  [`ftp://sqs.us-east-1.amazonaws.com${path}`, 'it does not begin with https://'],
  ['https://sqs.us-east-1.amazonaws.com', 'its path is not /ACCOUNT/NAME'],
  ['https://sqs.us-east-1.amazonaws.com/new-logs', 'its path is not /ACCOUNT/NAME'],
  ['https://sqs.us-east-1.amazonaws.com/1111/new-logs', 'its path is not /ACCOUNT/NAME'],
  [`https://sqs.us-east-1.amazonaws.com${path}/more`, 'its path is not /ACCOUNT/NAME'],
  [`https://sqs.us-east-1.amazonaws.com${path}/`, 'its path is not /ACCOUNT/NAME'],
  [`https://sqs.us-east-1.amazonaws.com${path}%20x`, 'its path is not /ACCOUNT/NAME'],
  [`https://sqs.us-east-1.amazonaws.com/111111111111/${'x'.repeat(81)}`, 'its path is not /ACCOUNT/NAME'],
  [`https://sqs.us-east-1.amazonaws.com${path}.fifo`, 'it is a FIFO queue'],
  [`https://sqs.nowhere.amazonaws.com${path}`, 'its host names no region: nowhere'],
  [`https://sqs.us-east-1.amazonaws.com.example.org${path}`, 'its host names no region'],
])('%s is refused: %s', (url, why) => {
  expect(() => queueAddress(url)).toThrow(
    expect.objectContaining({ code: 'usage.queue-url', message: expect.stringContaining(why) }),
  )
})

test('a region that contradicts the host, or is none, is refused', () => {
  const url = `https://sqs.us-east-1.amazonaws.com${path}`
  expect(() => queueAddress(url, 'eu-west-1')).toThrow(
    'its host is in us-east-1, and the region that was given is eu-west-1',
  )
  expect(() => queueAddress(url, 'Ireland')).toThrow('"Ireland" is not a region')
})

test.each([
  `https://user:hidden-9@sqs.us-east-1.amazonaws.com${path}`,
  `https://hidden-9@sqs.us-east-1.amazonaws.com${path}`,
  `https://sqs.us-east-1.amazonaws.com${path}?token=hidden-9`,
  `https://sqs.us-east-1.amazonaws.com${path}#hidden-9`,
  'https://user:hidden-9@[not-a-host/111111111111/new-logs',
])('%s is refused, and what may be a secret is not shown', (url) => {
  const error = (() => {
    try {
      return queueAddress(url)
    } catch (error) {
      return error as Error
    }
  })()
  expect(error).toMatchObject({ code: 'usage.queue-url' })
  const { message, hint, facts } = error as CrosstrailError
  expect(JSON.stringify({ message, hint, facts })).not.toContain('hidden')
})
