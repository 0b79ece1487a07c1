import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { interpolate, literalText } from '../../src/config/interpolate.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import { checkSchema, type ConfigFile } from '../../src/config/schema.ts'
import { configText } from '../../src/config/write-config.ts'
import type { AccountId } from '../../src/trail/account-id.ts'
import { loadText } from './written.ts'

const id = fc.stringMatching(/^\d{12}$/).map((digits) => digits as AccountId)
const role = fc.stringMatching(/^arn:aws:iam::\d{12}:role\/(?:[!-~]{1,20}\/)?[\w+=,.@-]{1,64}$/).filter(isRole)
const sessionName = fc.stringMatching(/^[\w+=,.@-]{2,64}$/)
const externalId = fc.stringMatching(/^[\w+=,.@:/-]{2,80}$/)
const awkward = fc.constantFrom(
  'true',
  'null',
  '~',
  '1e3',
  '0x1f',
  ' a',
  'a: b',
  'a #b',
  '- a',
  "it's",
  '"',
  '\\',
  '${',
  '$$',
  '\u0085',
  '\uFEFF',
  '\u2028',
  'é',
  '🙂',
  '\u007F',
  '@a',
  '*a',
  '!a',
  '[a',
  '{a',
  'a,b',
  'a:',
  '%a',
)
const someText = fc.oneof(
  awkward,
  fc.string({ unit: 'grapheme', minLength: 1 }),
  fc.string({ unit: 'binary', minLength: 1 }),
)
const text = someText.filter((any) => /\S/.test(any) && !any.includes('\0')).map(literalText)
const duration = fc.oneof(fc.integer({ min: 900, max: 3600 }), fc.constantFrom('1h', '900s', '3600'))
const hop = fc.oneof(role, fc.record({ role, externalId, sessionName, duration }, { requiredKeys: ['role'] }))
const credentials = fc.oneof(
  fc.constantFrom({ chain: true as const }, { env: true as const }, { ec2: true as const }, { ecs: true as const }),
  fc.record({ profile: text }),
  fc.record({ sso: text }),
  fc.record({ process: text }),
  fc.record({ webIdentity: fc.record({ tokenFile: text, role }) }),
)
const verbs = fc.subarray(['list', 'download', 'copy', 'delete'] as const, { minLength: 1 })
// A config cannot have a field named `__proto__`.
const tagText = fc
  .stringMatching(/^[A-Za-z0-9_.:/=+\-@]{1,20}$/)
  .filter((name) => !/^aws:/i.test(name) && name !== '__proto__')
const queueUrl = fc.stringMatching(/^\d{12}\/[\w-]{1,80}$/).map((path) => `https://sqs.us-east-1.amazonaws.com/${path}`)
const queue = fc.oneof(
  queueUrl,
  fc.record({ url: queueUrl, region: fc.constant('us-east-1') }, { requiredKeys: ['url'] }),
)
const account = fc.record(
  {
    id,
    role,
    credentials,
    via: fc.array(hop, { maxLength: 3 }),
    externalId,
    sessionName,
    duration,
    mfa: fc.stringMatching(/^[\w+=/:,.@-]{9,60}$/),
    mfaProcess: text,
    sourceIdentity: sessionName,
    tags: fc.dictionary(tagText, tagText, { maxKeys: 3 }),
    reads: fc.oneof(fc.constantFrom('own' as const, 'all' as const), fc.array(id, { minLength: 1, maxLength: 3 })),
    allow: verbs,
    stsRegion: fc.constantFrom('us-east-1', 'ap-southeast-2'),
    sqs: queue,
  },
  { requiredKeys: ['id', 'role'] },
)
const label = fc.oneof(
  fc.constantFrom('true', 'null', '12', '1e3', '0x1', 'no'),
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
)
const file: fc.Arbitrary<ConfigFile> = fc.record({
  trail: fc.record(
    {
      bucket: fc.stringMatching(/^[a-z][a-z0-9-]{1,40}[a-z0-9]$/),
      owner: id,
      region: fc.constant('eu-west-1'),
      prefix: text.filter((any) => !any.includes('AWSLogs') && !/^\s*s3:|^\/|\/\//i.test(any)),
      organization: fc.stringMatching(/^o-[a-z0-9]{10,32}$/),
      requesterPays: fc.boolean(),
      sqs: queue,
    },
    { requiredKeys: ['bucket', 'owner', 'region'] },
  ),
  accounts: fc.dictionary(label, account, { minKeys: 1, maxKeys: 3 }),
})

it('a written file loads as the same config', () => {
  fc.assert(
    fc.property(file, (written) => {
      const { file: path, ...loaded } = loadText(configText(written))
      const { value } = interpolate(written, {})
      const checked = checkSchema(value)
      if ('issues' in checked) throw new Error('the generated file is wrong')
      const { file: _path, ...expected } = resolveConfig(checked.file, path, '/home/ana')
      expect(sortedAccounts(loaded)).toEqual(sortedAccounts(expected))
    }),
    { numRuns: 300 },
  )
})

it('a reference to a variable stays a reference', () => {
  const accounts = {
    Z: { id: '444444444444' as AccountId, role: 'arn:aws:iam::111111111111:role/Z', externalId: '${env:Z_ID}' },
  }
  const trail = { bucket: 'logs', owner: '111111111111' as AccountId, region: 'us-east-1' }
  const written = configText({ trail, accounts })
  expect(written).toContain('externalId: ${env:Z_ID} #')
  expect(loadText(written, { Z_ID: 'the-id' }).accounts[0]?.externalId).toBe('the-id')
})

function isRole(arn: string): boolean {
  const checked = checkSchema({
    trail: { bucket: 'logs', owner: '111111111111', region: 'us-east-1' },
    accounts: { A: { id: '111111111111', role: arn } },
  })
  return 'file' in checked && !arn.includes('${')
}

/** In a JavaScript object, keys that look like numbers come first. */
function sortedAccounts<T extends { readonly accounts: readonly { readonly label: string }[] }>(config: T): T {
  return { ...config, accounts: config.accounts.toSorted((a, b) => (a.label < b.label ? -1 : 1)) }
}
