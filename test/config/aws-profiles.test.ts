import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { expect, it } from 'vitest'

import { loadAwsProfiles } from '../../src/config/aws-profiles.ts'
import { emptyFolder } from './written.ts'

it('profiles come from both files, the credentials file has the last word', async () => {
  const folder = emptyFolder()
  const config = path.join(folder, 'config')
  const credentials = path.join(folder, 'credentials')
  writeFileSync(
    config,
    '[default]\nregion = us-east-1\n\n[profile z-audit] # third party\nrole_arn=arn:aws:iam::111111111111:role/Z\nsource_profile = base ; a comment\nregion = eu-west-1\n[sso-session corp]\nsso_region = x\n',
  )
  writeFileSync(credentials, '[base]\naws_access_key_id = AKIDEXAMPLE\n[z-audit]\nregion = us-west-2\n')
  const env = { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials }
  expect(await loadAwsProfiles({ env, homeDir: '/nowhere' })).toMatchObject({
    default: { region: 'us-east-1' },
    'z-audit': { role_arn: 'arn:aws:iam::111111111111:role/Z', source_profile: 'base', region: 'us-west-2' },
    base: { aws_access_key_id: 'AKIDEXAMPLE' },
  })
})

it('files that change are read again', async () => {
  const file = path.join(emptyFolder(), 'config')
  const options = { env: { AWS_CONFIG_FILE: file }, homeDir: '/nowhere' }
  writeFileSync(file, '[profile a]\nregion = us-east-1\n')
  await loadAwsProfiles(options)
  writeFileSync(file, '[profile b]\nregion = us-east-1\n')
  expect(Object.keys(await loadAwsProfiles(options))).toEqual(['b'])
})

it('where there are no files there are no profiles', async () => {
  expect(await loadAwsProfiles({ env: {}, homeDir: emptyFolder() })).toEqual({})
})
