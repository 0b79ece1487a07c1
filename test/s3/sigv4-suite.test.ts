import { createHash, createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { emptyPayloadHash, Signer } from '../../src/s3/sigv4.ts'
import { canonicalQuery, encodeKey, type QueryParameters } from '../../src/s3/uri.ts'

/** The keys and the time of AWS's public test suite for Signature Version 4. */
const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const stamp = '20150830T123600Z'
const nowMs = Date.UTC(2015, 7, 30, 12, 36)
const host = 'example.amazonaws.com'

interface SuiteCase {
  readonly method?: string
  readonly path?: string
  readonly query?: QueryParameters
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly token?: string
  /** As in the suite, except that S3 does not normalize a path. */
  readonly canonical?: {
    readonly path?: string
    readonly query?: string
    /** Without the headers of every S3 request. */
    readonly headers?: Readonly<Record<string, string>>
  }
}

const unreserved = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const token =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGd'

const cases: Readonly<Record<string, SuiteCase>> = {
  'get-vanilla': {},
  'get-vanilla-query': {},
  'get-vanilla-empty-query-key': { query: { Param1: 'value1' }, canonical: { query: 'Param1=value1' } },
  'get-vanilla-query-order-key': {
    query: { Param2: 'value2', Param1: 'value1' },
    canonical: { query: 'Param1=value1&Param2=value2' },
  },
  'get-vanilla-query-order-key-case': {
    query: { param1: 'value2', Param1: 'value1', Param2: 'value2' },
    canonical: { query: 'Param1=value1&Param2=value2&param1=value2' },
  },
  'get-vanilla-query-order-value': {
    query: { Param1: ['value2', 'value1'] },
    canonical: { query: 'Param1=value1&Param1=value2' },
  },
  'a name that begins with another name': {
    query: { 'prefix-1': 'a', prefix: 'b', 'prefix.1': 'c', prefix1: 'd' },
    canonical: { query: 'prefix=b&prefix-1=a&prefix.1=c&prefix1=d' },
  },
  'get-vanilla-query-unreserved': {
    query: { [unreserved]: unreserved },
    canonical: { query: `${unreserved}=${unreserved}` },
  },
  'get-vanilla-utf8-query': { query: { ሴ: 'bar' }, canonical: { query: '%E1%88%B4=bar' } },
  'get-unreserved': { path: `/${unreserved}`, canonical: { path: `/${unreserved}` } },
  'get-utf8': { path: '/ሴ', canonical: { path: '/%E1%88%B4' } },
  'get-space, not normalized': { path: '/example space/', canonical: { path: '/example%20space/' } },
  'normalize-path/get-slash, not normalized': { path: '//', canonical: { path: '//' } },
  'normalize-path/get-slashes, not normalized': { path: '//example//', canonical: { path: '//example//' } },
  'normalize-path/get-slash-dot-slash, not normalized': { path: '/./', canonical: { path: '/./' } },
  'normalize-path/get-slash-pointless-dot, not normalized': { path: '/./example', canonical: { path: '/./example' } },
  'normalize-path/get-relative, not normalized': { path: '/example/..', canonical: { path: '/example/..' } },
  'normalize-path/get-relative-relative, not normalized': {
    path: '/example1/example2/../..',
    canonical: { path: '/example1/example2/../..' },
  },
  'get-header-value-trim': {
    headers: { 'my-header1': ' value1', 'my-header2': ' "a   b   c" ' },
    canonical: { headers: { 'my-header1': 'value1', 'my-header2': '"a b c"' } },
  },
  'get-header-value-order': {
    headers: { 'my-header1': 'value4,value1,value3,value2' },
    canonical: { headers: { 'my-header1': 'value4,value1,value3,value2' } },
  },
  'post-vanilla': { method: 'POST' },
  'post-vanilla-query': { method: 'POST', query: { Param1: 'value1' }, canonical: { query: 'Param1=value1' } },
  'post-header-key-sort': {
    method: 'POST',
    headers: { 'my-header1': 'value1', 'a-header': 'a' },
    canonical: { headers: { 'a-header': 'a', 'my-header1': 'value1' } },
  },
  'post-header-value-case': {
    method: 'POST',
    headers: { 'my-header1': 'VALUE1' },
    canonical: { headers: { 'my-header1': 'VALUE1' } },
  },
  'post-sts-token/post-sts-header-before': {
    method: 'POST',
    token,
    canonical: { headers: { 'x-amz-security-token': token } },
  },
  'post-x-www-form-urlencoded': {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Param1=value1',
    canonical: { headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  },
}

it.each(Object.entries(cases))("signs the case %s of AWS's test suite as S3 requires", (_name, given) => {
  const { method = 'GET', path = '/', query = {}, headers = {}, body, token: sessionToken, canonical = {} } = given
  const payloadHash = body === undefined ? emptyPayloadHash : sha256(body)
  const request = { method, host, path: encodeKey(path), query: canonicalQuery(query), headers, payloadHash }
  const signed = new Signer('us-east-1').sign(request, { ...keys, ...(sessionToken && { sessionToken }) }, nowMs)
  const lines = {
    ...canonical.headers,
    host,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': stamp,
  }
  expect(signed.authorization).toBe(
    authorization(method, canonical.path ?? '/', canonical.query ?? '', lines, payloadHash),
  )
})

/** Signature Version 4 as AWS's documentation describes it, with createHmac. */
function authorization(
  method: string,
  path: string,
  query: string,
  headers: Readonly<Record<string, string>>,
  payloadHash: string,
): string {
  const names = Object.keys(headers).toSorted()
  const request = [
    method,
    path,
    query,
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    payloadHash,
  ]
  const scope = '20150830/us-east-1/s3/aws4_request'
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, sha256(request.join('\n'))].join('\n')
  const key = scope
    .split('/')
    .reduce<string | Buffer>(
      (parent, part) => createHmac('sha256', parent).update(part).digest(),
      `AWS4${keys.secretAccessKey}`,
    )
  const signature = createHmac('sha256', key).update(toSign).digest('hex')
  return `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
