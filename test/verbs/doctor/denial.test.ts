import { expect, test } from 'vitest'
import { readDenial } from '../../../src/verbs/doctor/denial.ts'

const who = 'User: arn:aws:sts::111111111111:assumed-role/R/s is not authorized to perform:'

test.each([
  [
    `${who} s3:GetObject on resource: "arn:aws:s3:::b/k" because no identity-based policy allows the s3:GetObject action`,
    { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', cause: 'identity-missing' },
  ],
  [
    `${who} s3:ListBucket on resource: "arn:aws:s3:::b" because no resource-based policy allows the s3:ListBucket action`,
    { action: 's3:ListBucket', resource: 'arn:aws:s3:::b', cause: 'resource-missing' },
  ],
  [
    `${who} kms:Decrypt on the resource associated with this ciphertext because no identity-based policy allows the kms:Decrypt action`,
    { action: 'kms:Decrypt', resource: undefined, cause: 'identity-missing' },
  ],
  [
    `${who} s3:GetObject on resource: "arn:aws:s3:::b/k" with an explicit deny in a resource-based policy`,
    { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', cause: 'resource-deny' },
  ],
  [
    `${who} s3:GetObject on resource: "arn:aws:s3:::b/k" with an explicit deny in an identity-based policy`,
    { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', cause: 'identity-deny' },
  ],
  [
    `${who} sts:AssumeRole on resource: arn:aws:iam::1:role/R with an explicit deny in a service control policy`,
    { action: 'sts:AssumeRole', resource: 'arn:aws:iam::1:role/R', cause: 'organization' },
  ],
  [
    `${who} s3:GetObject on resource: "arn:aws:s3:::b/k" with an explicit deny in a resource control policy`,
    { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', cause: 'resource-control' },
  ],
  [
    `${who} s3:GetObject on resource: "arn:aws:s3:::b/k" because no resource control policy allows the s3:GetObject action`,
    { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', cause: 'resource-control' },
  ],
  [
    `${who} s3:GetObject on resource: "arn:aws:s3:::b/k" because no permissions boundary allows the s3:GetObject action`,
    { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', cause: 'boundary' },
  ],
  [
    `${who} s3:PutObject on resource: "arn:aws:s3:::b/k" because no session policy allows the s3:PutObject action`,
    { action: 's3:PutObject', resource: 'arn:aws:s3:::b/k', cause: 'session-missing' },
  ],
  [
    'User: arn:aws:iam::222222222222:user/b is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111111111111:role/R',
    { action: 'sts:AssumeRole', resource: 'arn:aws:iam::111111111111:role/R', cause: 'unsaid' },
  ],
  // KMS lists three reasons at once. It is only known that the role's own policies are not the cause.
  [
    `${who} kms:Decrypt on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`,
    { action: 'kms:Decrypt', resource: undefined, cause: 'unsaid' },
  ],
  [
    `${who} s3:GetObject on resource: "arn:aws:s3:::b/k" because no VPC endpoint policy allows the s3:GetObject action`,
    { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', cause: 'endpoint' },
  ],
  [
    `${who} s3:GetObject on resource: "arn:aws:s3:::b/k" with an explicit deny in a VPC endpoint policy`,
    { action: 's3:GetObject', resource: 'arn:aws:s3:::b/k', cause: 'endpoint' },
  ],
  ['Access Denied', { action: undefined, resource: undefined, cause: 'unsaid' }],
])('%s', (message, denial) => {
  expect(readDenial(message)).toEqual(denial)
})
