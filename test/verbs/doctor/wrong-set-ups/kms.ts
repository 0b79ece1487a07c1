import { labRoles } from '../../../../src/lab/fixture.ts'
import type { Lab } from '../../../../src/lab/lab.ts'
import { entryB } from '../doctor-world.ts'
import { adds, words } from '../expected-fix.ts'
import { allow, alsoAllow, bPrefix } from '../lab-policies.ts'
import { addPolicies, asSaid } from '../mend.ts'
import type { WrongSetUp } from '../wrong-set-up.ts'

const ownKey = 'arn:aws:kms:us-east-1:111111111111:key/11111111-2222-4333-8444-00000000000'
const farKey = 'arn:aws:kms:us-east-1:777777777777:key/11111111-2222-4333-8444-00000000000'
const trailArn = 'arn:aws:cloudtrail:us-east-1:111111111111:trail/management'
/** Only through S3 in the bucket's region. */
const decrypts = (Resource: string) => ({
  Action: 'kms:Decrypt',
  Resource,
  Condition: { StringLike: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
})
const keyLets = (keyArn: string) => adds('key', keyArn, { Principal: { AWS: labRoles.B }, ...decrypts('*') })
const roleMay = (keyArn: string) => adds('role', labRoles.B, decrypts(keyArn))

function encrypt(lab: Lab, kmsKeyArn: string): void {
  const bucket = lab.bucket()
  for (const key of bucket.keys().filter((each) => each.startsWith(bPrefix))) {
    const encryptionContext = { 'aws:cloudtrail:arn': trailArn }
    bucket.put(key, bucket.get(key)?.body ?? '', { kmsKeyArn, encryptionContext })
  }
}

const refusedKey = {
  entry: entryB,
  step: 'kms',
  code: 'access.kms-denied',
  sides: ['owner'],
  line: /GetObject of s3:\/\/example-cloudtrail-logs\/AWSLogs\/222222222222\/.* was refused with 403/,
} satisfies Partial<WrongSetUp>

export const kmsSetUps: readonly WrongSetUp[] = [
  {
    ...refusedKey,
    title: 'gives a role without kms:Decrypt that right for the key of its logs, through S3 only',
    spoil: ({ lab }) => encrypt(lab, `${ownKey}1`),
    fixes: [roleMay(`${ownKey}1`)],
    mend: addPolicies,
  },
  {
    ...refusedKey,
    title: 'gives a role that may decrypt only the logs of another trail the right for this trail',
    spoil: ({ lab }) => {
      encrypt(lab, `${ownKey}2`)
      const Condition = {
        StringEquals: { 'kms:EncryptionContext:aws:cloudtrail:arn': `${trailArn}-old` },
      }
      alsoAllow(lab, labRoles.B, { Action: 'kms:Decrypt', Resource: `${ownKey}2`, Condition })
    },
    fixes: [roleMay(`${ownKey}2`)],
    mend: addPolicies,
  },
  {
    ...refusedKey,
    title: 'gives a role that may decrypt with another key the right for this key',
    spoil: ({ lab }) => {
      encrypt(lab, `${ownKey}3`)
      alsoAllow(lab, labRoles.B, { Action: 'kms:Decrypt', Resource: `${ownKey}4` })
    },
    fixes: [roleMay(`${ownKey}3`)],
    mend: addPolicies,
  },
  {
    ...refusedKey,
    title: 'prints only the key policy for a key of a third account whose policy lacks the role',
    spoil: ({ lab }) => {
      encrypt(lab, `${farKey}5`)
      alsoAllow(lab, labRoles.B, { Action: 'kms:Decrypt', Resource: `${farKey}5` })
    },
    fixes: [keyLets(`${farKey}5`)],
    mend: addPolicies,
  },
  {
    ...refusedKey,
    title: 'prints both statements for a key of a third account that neither side allows',
    spoil: ({ lab }) => encrypt(lab, `${farKey}6`),
    fixes: [roleMay(`${farKey}6`), keyLets(`${farKey}6`)],
    mend: addPolicies,
  },
  {
    ...refusedKey,
    title: 'says to remove the Deny of a key policy',
    spoil: ({ lab }) => {
      encrypt(lab, `${ownKey}7`)
      alsoAllow(lab, labRoles.B, { Action: 'kms:Decrypt', Resource: '*' })
      const Deny = { Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', Resource: '*' } as const
      lab.setKeyPolicy(`${ownKey}7`, { Statement: Deny })
    },
    fixes: [words('owner', 'remove the Deny of kms:Decrypt from the policy of the bucket or key')],
    mend: asSaid(({ lab }) => {
      const Principal = { AWS: 'arn:aws:iam::111111111111:root' }
      lab.setKeyPolicy(`${ownKey}7`, { Statement: allow({ Principal, Action: 'kms:*', Resource: '*' }) })
    }),
  },
]
