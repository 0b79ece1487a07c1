import { expect, test } from 'vitest'
import { chainLinkOf } from '../../src/identity/chain-link.ts'

test.each([
  [['CREDENTIALS_ENV_VARS'], 'the environment'],
  [['CREDENTIALS_PROFILE'], 'a profile of the shared files'],
  [['CREDENTIALS_PROFILE_PROCESS', 'CREDENTIALS_PROCESS'], 'a profile of the shared files'],
  [['CREDENTIALS_PROFILE_SSO', 'CREDENTIALS_SSO'], 'an SSO session of the shared files'],
  [['CREDENTIALS_ENV_VARS_STS_WEB_ID_TOKEN', 'CREDENTIALS_STS_ASSUME_ROLE_WEB_ID'], 'a web identity token'],
  [['CREDENTIALS_HTTP'], 'the container credentials endpoint'],
  [['CREDENTIALS_IMDS'], 'the EC2 instance metadata service'],
  [['SOMETHING_NEW'], undefined],
  [[], undefined],
])('%j is %s', (features, link) => {
  expect(chainLinkOf(features)).toBe(link)
})
