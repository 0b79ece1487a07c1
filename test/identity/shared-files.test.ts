import { writeFileSync } from 'node:fs'
import path from 'node:path'

import { expect, it } from 'vitest'

import { loadSharedProfiles } from '../../src/identity/shared-files.ts'
import { emptyFolder } from '../config/written.ts'

it('reads profiles from both files, and the credentials file wins', async () => {
  const folder = emptyFolder()
  const config = path.join(folder, 'config')
  const credentials = path.join(folder, 'credentials')
  writeFileSync(
    config,
    '[default]\nregion = us-east-1\n\n[profile z-audit] # third party\nrole_arn=arn:aws:iam::111111111111:role/Z\nsource_profile = base ; a comment\nregion = eu-west-1\n[sso-session corp]\nsso_region = x\n',
  )
  writeFileSync(credentials, '[base]\naws_access_key_id = AKIDEXAMPLE\n[z-audit]\nregion = us-west-2\n')
  const env = { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials }
  expect(await loadSharedProfiles({ env, homeDir: '/nowhere' })).toMatchObject({
    default: { region: 'us-east-1' },
    'z-audit': { role_arn: 'arn:aws:iam::111111111111:role/Z', source_profile: 'base', region: 'us-west-2' },
    base: { aws_access_key_id: 'AKIDEXAMPLE' },
  })
})

it('reads files again that have changed', async () => {
  const file = path.join(emptyFolder(), 'config')
  const options = { env: { AWS_CONFIG_FILE: file }, homeDir: '/nowhere' }
  writeFileSync(file, '[profile a]\nregion = us-east-1\n')
  await loadSharedProfiles(options)
  writeFileSync(file, '[profile b]\nregion = us-east-1\n')
  expect(Object.keys(await loadSharedProfiles(options))).toEqual(['b'])
})

it('finds no profiles without files', async () => {
  expect(await loadSharedProfiles({ env: {}, homeDir: emptyFolder() })).toEqual({})
})

it('finds profiles with the same names and fields as the AWS CLI', async () => {
  const folder = emptyFolder()
  const config = path.join(folder, 'config')
  const credentials = path.join(folder, 'credentials')
  writeFileSync(
    config,
    `[profile 'my prof'] # theirs
region = us-east-1
[profile "say \\"hi\\""]
REGION = us-east-1
[profile 'it'"'"'s']
source_profile = my prof ; a comment
[profile it's]
region = us-east-1
[profile constructor]
Role_Arn = arn:aws:iam::111111111111:role/Z
source_profile = constructor
[profile __proto__]
region = us-east-1
s3 =
  max_concurrent_requests = 10
`,
  )
  writeFileSync(
    credentials,
    '[my prof]\nAWS_ACCESS_KEY_ID = AKIDEXAMPLE\n[toString]\naws_access_key_id = AKIDEXAMPLE\n[plain]\naws_access_key_id = AKIDEXAMPLE\n',
  )
  const env = { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials }
  const profiles = await loadSharedProfiles({ env, homeDir: '/nowhere' })
  expect(Object.fromEntries(Object.entries(profiles))).toEqual(
    Object.fromEntries([
      ['my prof', { region: 'us-east-1', aws_access_key_id: 'AKIDEXAMPLE' }],
      ['say "hi"', { region: 'us-east-1' }],
      ["it's", { region: 'us-east-1', source_profile: 'my prof' }],
      ['constructor', { role_arn: 'arn:aws:iam::111111111111:role/Z', source_profile: 'constructor' }],
      ['__proto__', { region: 'us-east-1', 's3.max_concurrent_requests': '10' }],
      ['toString', { aws_access_key_id: 'AKIDEXAMPLE' }],
      ['plain', { aws_access_key_id: 'AKIDEXAMPLE' }],
    ]),
  )
})

it('does not change what other parts of the program read from the files', async () => {
  const { externalDataInterceptor } = await import('@smithy/shared-ini-file-loader')
  const file = path.join(emptyFolder(), 'config')
  writeFileSync(file, '[profile a]\nregion = us-east-1\n')
  const options = { env: { AWS_CONFIG_FILE: file }, homeDir: '/nowhere' }
  await Promise.all([loadSharedProfiles(options), loadSharedProfiles(options)])
  expect(externalDataInterceptor.getFileRecord()).toEqual({})
})
