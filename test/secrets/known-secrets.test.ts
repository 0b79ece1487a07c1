import * as fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { KnownSecrets } from '../../src/secrets/known-secrets.ts'

const token = 'IQoJb3JpZ2luX2VjEJ3//////////wEaCXVzLWVhc3QtMSJHMEUCIQD+a/token+with=='

function knowing(...keys: readonly string[]): KnownSecrets {
  const secrets = new KnownSecrets()
  for (const key of keys) secrets.addKey(key)
  return secrets
}

afterEach(() => {
  vi.useRealTimers()
})

describe('a key', () => {
  it('is masked anywhere in a text', () => {
    const key = fc.stringMatching(/^[\w+/=,.@:-]{8,80}$/)
    fc.assert(
      fc.property(fc.string(), key, fc.string(), (before, secret, after) => {
        expect(knowing(secret).mask(before + secret + after)).not.toContain(secret)
      }),
    )
  })

  it('is masked without a change to the text around it', () => {
    expect(knowing(token).mask(`bad header x-amz-security-token: ${token}, 42 bytes`)).toBe(
      'bad header x-amz-security-token: ****th==, 42 bytes',
    )
  })

  it.each([
    ['percent signs', encodeURIComponent(token)],
    ['percent signs in lower case', encodeURIComponent(token).replaceAll(/%../g, (code) => code.toLowerCase())],
    ['percent signs twice', encodeURIComponent(encodeURIComponent(token))],
    ['numbered entities', token.replaceAll('+', '&#43;').replaceAll('/', '&#x2F;').replaceAll('=', '&#x3D;')],
    ['entities within percent signs', encodeURIComponent(token.replaceAll('+', '&#43;'))],
    ['backslashes, as some write a slash in JSON', token.replaceAll('/', '\\/')],
    ['escapes of JSON', token.replaceAll('+', '\\u002b')],
    ['Base64', Buffer.from(token).toString('base64')],
    ['Base64 with a byte before it', Buffer.from(`:${token}`).toString('base64')],
    ['Base64 with a name before it', Buffer.from(`user:${token}`).toString('base64')],
    ['Base64 for addresses', Buffer.from(`ab${token}`).toString('base64url')],
  ])('is masked if it is encoded with %s', (_how, form) => {
    const shown = knowing(token).mask(`said ${form} back`)
    expect(shown).toMatch(/^said .{0,8}\*\*\*\* back$/)
  })

  it('is masked if a server truncates it', () => {
    expect(knowing(token).mask(`bad token ${token.slice(0, 30)}…`)).toBe('bad token ****…')
  })

  it('is masked together with another token of the same beginning', () => {
    expect(knowing(token).mask(`bad token ${token.slice(0, 20)}ANOTHER+token/of+the=same=kind.`)).toBe(
      'bad token ****.',
    )
  })

  it('does not match a shorter text that begins like it', () => {
    expect(knowing(token).mask(`the letters ${token.slice(0, 15)} say nothing`)).toContain(token.slice(0, 15))
  })

  it('is masked in JSON even if it has quotes, and the JSON stays valid', () => {
    const odd = 'a "secret" with \\ and / in it'
    const shown = knowing(odd).mask(JSON.stringify({ message: `got ${odd}` }))
    expect(JSON.parse(shown)).toEqual({ message: 'got ****' })
  })
})

describe('a word', () => {
  it('with two characters is masked in foreign text if it is a word by itself', () => {
    const secrets = new KnownSecrets()
    secrets.addWord('us', { everywhere: true })
    expect(secrets.maskForeign("the user said Value 'us' is wrong, %22us%22 too")).toBe(
      "the user said Value '****' is wrong, %22****%22 too",
    )
  })

  it('with seven characters or fewer is not masked in our own text', () => {
    const secrets = new KnownSecrets()
    secrets.addWord('1234567', { everywhere: true })
    expect(secrets.mask('done: 1234567 objects')).toBe('done: 1234567 objects')
  })

  it('without `everywhere` is not masked in our own text', () => {
    const secrets = new KnownSecrets()
    secrets.addWord('customer-acme')
    expect(secrets.mask('journal: /logs/customer-acme/x')).toBe('journal: /logs/customer-acme/x')
    expect(secrets.maskForeign('Value customer-acme')).toBe('Value ****cme')
  })

  it('with `everywhere` keeps it if it is added again without', () => {
    const secrets = new KnownSecrets()
    secrets.addWord('z-audit-4f7c2b', { everywhere: true })
    secrets.addWord('z-audit-4f7c2b')
    expect(secrets.mask('z-audit-4f7c2b')).toBe('****c2b')
  })

  it('with one character is not masked', () => {
    const secrets = new KnownSecrets()
    secrets.addWord('a')
    expect(secrets.maskForeign('a b')).toBe('a b')
  })
})

describe('the known secrets', () => {
  it('forget an expired secret after an hour, once many others are added', () => {
    vi.useFakeTimers({ now: 0 })
    const secrets = new KnownSecrets()
    secrets.addKey('token-of-the-first-hour', { endsAtMs: 1000 })
    secrets.addKey('key-that-never-ends')
    vi.setSystemTime(3_602_000)
    for (let more = 0; more < 100; more++) secrets.addKey(`another-token-${more}-${more}`, { endsAtMs: 9_000_000 })
    expect(secrets.mask('token-of-the-first-hour key-that-never-ends')).toBe('token-of-the-first-hour ****ends')
  })

  it('are limited in number', () => {
    const secrets = new KnownSecrets()
    for (let more = 0; more < 10_100; more++) secrets.addKey(`${more}-endless-key`)
    expect(secrets.mask('0-endless-key')).toBe('0-endless-key')
    expect(secrets.mask('10099-endless-key')).not.toContain('10099')
  })
})

it('a text without a secret does not change', () => {
  const text = 'GetObject of s3://bucket/AWSLogs/222222222222/%2F answered 403 &amp; \\u0041'
  expect(knowing(token).mask(text)).toBe(text)
})
