import { expect, test } from 'vitest'
import { rememberSent } from '../../src/identity/sent-secrets.ts'
import { maskedForeignText } from '../../src/secrets/masked-text.ts'

test.each([
  ['a session token', { headers: { 'X-Amz-Security-Token': 'token-of-a-source' } }, 'token-of-a-source'],
  ['the token of an SSO session', { headers: { 'x-amz-sso_bearer_token': 'token-of-sso-1' } }, 'token-of-sso-1'],
  ['an external ID of the shared files', { body: 'Action=AssumeRole&ExternalId=an%2Fid&Version=2011' }, 'an/id'],
  ['an MFA code', { body: 'Action=AssumeRole&TokenCode=135791' }, '135791'],
  ['a web identity token', { body: 'WebIdentityToken=opaque-web-token' }, 'opaque-web-token'],
  ['a refresh token', { body: '{"refreshToken":"a-refresh-token","clientId":"x"}' }, 'a-refresh-token'],
  ['a client secret', { body: '{"clientSecret":"a-client-secret"}' }, 'a-client-secret'],
])('masks %s in the answer after it was sent', (_what, request, secret) => {
  expect(maskedForeignText(`got ${secret}`)).toBe(`got ${secret}`)
  rememberSent(request)
  expect(maskedForeignText(`got ${secret}`)).not.toContain(secret)
})

test('leaves other values unchanged', () => {
  rememberSent({ headers: { host: 'sts.example.com' }, body: 'RoleArn=arn-of-a-role&RoleSessionName=a-session' })
  expect(maskedForeignText('sts.example.com arn-of-a-role a-session')).toBe('sts.example.com arn-of-a-role a-session')
})

test.each([undefined, 'text', {}, { body: Buffer.from('ExternalId=x-bytes') }, { body: '{"token":' }])(
  'accepts a malformed request: %j',
  (request) => {
    expect(() => rememberSent(request)).not.toThrow()
  },
)
