import { labAccounts, labBucket } from '../../../src/lab/fixture.ts'
import type { Lab } from '../../../src/lab/lab.ts'
import type { PolicyDocument, PolicyStatement } from '../../../src/lab/evaluate-policy.ts'
import { roleOf } from './kept-lab.ts'

export const bucketArn = `arn:aws:s3:::${labBucket}`
export const bRoot = `arn:aws:iam::${labAccounts.B}:root`
/** What the keys of B's own logs begin with, with the slash. */
export const bPrefix = `AWSLogs/${labAccounts.B}/`

type Allowed = Omit<PolicyStatement, 'Effect'>

export function allow(statement: Allowed): PolicyStatement {
  return { Effect: 'Allow', ...statement }
}

/** A role's trust policy of one statement. */
export function trustOf(AWS: string, Condition?: NonNullable<PolicyStatement['Condition']>): PolicyDocument {
  const statement = allow({ Principal: { AWS }, Action: 'sts:AssumeRole' })
  return { Statement: Condition === undefined ? statement : { ...statement, Condition } }
}

/** The role may do this, and nothing else. */
export function setPolicies(lab: Lab, role: string, ...statements: readonly PolicyStatement[]): void {
  roleOf(lab, role).policies = [{ Statement: statements }]
}

export function alsoAllow(lab: Lab, role: string, ...statements: readonly Allowed[]): void {
  const holder = roleOf(lab, role)
  holder.policies = [...holder.policies, { Statement: statements.map(allow) }]
}

/** The right to list a prefix of a bucket, as a statement has it. */
export function lists(bucket: string, prefix: string | string[]) {
  return {
    Action: 's3:ListBucket',
    Resource: `arn:aws:s3:::${bucket}`,
    Condition: { StringLike: { 's3:prefix': prefix } },
  }
}

/** The right to read B's logs. */
export function readsB(bucket: string = labBucket) {
  return { Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/${bPrefix}*` }
}
