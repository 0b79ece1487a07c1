import { expect, test } from 'vitest'
import { execEnvironment } from '../../src/cli/exec-environment.ts'

const keys = { accessKeyId: 'ASIA1', secretAccessKey: 's', sessionToken: 't', expiresAtMs: 0 }
const session = { account: 'B', region: 'eu-west-1', credentials: keys }

test('removes all variables that would make a tool use other credentials', () => {
  const before = Object.fromEntries(
    [
      'AWS_PROFILE',
      'AWS_DEFAULT_PROFILE',
      'AWS_ROLE_ARN',
      'AWS_ROLE_SESSION_NAME',
      'AWS_WEB_IDENTITY_TOKEN_FILE',
      'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
      'AWS_CONTAINER_CREDENTIALS_FULL_URI',
      'AWS_CONTAINER_AUTHORIZATION_TOKEN',
      'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
      'AWS_SECURITY_TOKEN',
      'AWS_ACCOUNT_ID',
      'AWS_CREDENTIAL_SCOPE',
      'AWS_CREDENTIAL_FILE',
      'CROSSTRAIL_MFA_CODE',
    ].map((name) => [name, 'old']),
  )
  expect(execEnvironment({ ...before, HOME: '/home/ana', AWS_CA_BUNDLE: '/ca' }, session)).toEqual({
    HOME: '/home/ana',
    AWS_CA_BUNDLE: '/ca',
    AWS_ACCESS_KEY_ID: 'ASIA1',
    AWS_SECRET_ACCESS_KEY: 's',
    AWS_SESSION_TOKEN: 't',
    AWS_CREDENTIAL_EXPIRATION: '1970-01-01T00:00:00Z',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    CROSSTRAIL_ACCOUNT: 'B',
  })
})

test('never combines a token or an expiry of the outer environment with other keys', () => {
  const { accessKeyId, secretAccessKey } = keys
  const env = execEnvironment(
    { AWS_SESSION_TOKEN: 'old', AWS_CREDENTIAL_EXPIRATION: 'old' },
    { ...session, credentials: { accessKeyId, secretAccessKey } },
  )
  expect(env).not.toHaveProperty('AWS_SESSION_TOKEN')
  expect(env).not.toHaveProperty('AWS_CREDENTIAL_EXPIRATION')
})

test('with an endpoint there are no keys, and no files that take precedence', () => {
  const env = execEnvironment(
    { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 's', AWS_CONFIG_FILE: '/c', AWS_SHARED_CREDENTIALS_FILE: '/s' },
    { ...session, credentials: { url: 'http://127.0.0.1:1/credentials', token: 'x' } },
  )
  expect(env).toEqual({
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/credentials',
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'x',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    CROSSTRAIL_ACCOUNT: 'B',
  })
})

test('ignores the case of variable names on Windows', () => {
  const env = execEnvironment({ aws_profile: 'old', Path: 'C:\\' }, session, 'win32')
  expect(env).not.toHaveProperty('aws_profile')
  expect(env).toHaveProperty('Path')
  expect(execEnvironment({ aws_profile: 'mine' }, session, 'linux')).toHaveProperty('aws_profile')
})
