import { describe, expect, it } from 'vitest'
import { proxyRule } from '../../src/s3/http-proxy.ts'

const proxy = 'http://proxy.example.com:3128'
const through = (env: Record<string, string>, origin: string) => proxyRule(env)(origin)?.url

describe('the proxy of an origin', () => {
  it('is the one of its scheme, in upper or lower case', () => {
    for (const name of ['HTTPS_PROXY', 'https_proxy']) {
      expect(through({ [name]: proxy }, 'https://s3.example.com')).toBe(proxy)
      expect(through({ [name]: proxy }, 'http://s3.example.com')).toBeUndefined()
    }
    for (const name of ['HTTP_PROXY', 'http_proxy']) {
      expect(through({ [name]: proxy }, 'http://s3.example.com')).toBe(proxy)
      expect(through({ [name]: proxy }, 'https://s3.example.com')).toBeUndefined()
    }
  })

  it('has the port, the TLS setting and the credentials of its address', () => {
    expect(proxyRule({ HTTPS_PROXY: 'http://h' })('https://a')).toMatchObject({ port: 80, isTls: false })
    expect(proxyRule({ HTTPS_PROXY: 'https://h' })('https://a')).toMatchObject({ port: 443, isTls: true })
    expect(proxyRule({ HTTPS_PROXY: 'http://[::1]:8080' })('https://a')).toMatchObject({ host: '::1', port: 8080 })
    const { url, authorization = '' } = proxyRule({ HTTPS_PROXY: 'http://me%40x:p%3Aq%2F@h:1' })('https://a') ?? {}
    expect([url, Buffer.from(authorization.replace('Basic ', ''), 'base64').toString()]).toEqual([
      'http://h:1',
      'me@x:p:q/',
    ])
  })

  it.each(['proxy:3128', 'http://user:p@ss@word@host:1:2', 'http://user:%zzword@host', 'socks5://host', 'http://'])(
    'is rejected without showing its password if it is invalid: %s',
    (address) => {
      const refusal = { code: 'config.proxy', message: expect.not.stringContaining('word') }
      expect(() => proxyRule({ HTTPS_PROXY: address })).toThrow(expect.objectContaining(refusal))
    },
  )

  it.each([
    ['*', 'https://any.example.com', true],
    ['example.com', 'https://example.com', true],
    ['example.com', 'https://s3.example.com', true],
    ['example.com', 'https://badexample.com', false],
    ['.example.com', 'https://s3.example.com', true],
    ['*.example.com', 'https://s3.example.com', true],
    ['EXAMPLE.com', 'https://s3.example.com', true],
    ['example.com:8443', 'https://example.com:8443', true],
    ['example.com:8443', 'https://example.com', false],
    ['example.com:443', 'https://example.com', true],
    ['127.0.0.1', 'https://127.0.0.1:9000', true],
    ['0.0.1', 'https://127.0.0.1', false],
    ['10.0.0.0/8', 'https://10.1.2.3', true],
    ['10.0.0.0/8', 'https://11.1.2.3', false],
    ['::1', 'https://[::1]:9000', true],
    ['[::1]:9000', 'https://[::1]:9000', true],
    ['fd00::/8', 'https://[fd12::1]', true],
    ['other.com, example.com', 'https://example.com', true],
    ['other.com example.com', 'https://example.com', true],
    ['', 'https://example.com', false],
  ])('NO_PROXY=%s, %s: direct is %s', (noProxy, origin, isDirect) => {
    expect(through({ HTTPS_PROXY: proxy, NO_PROXY: noProxy }, origin) === undefined).toBe(isDirect)
  })
})
