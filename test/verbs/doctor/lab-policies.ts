import { labAccounts, labBucket } from '../../../src/lab/fixture.ts'
import type { Lab } from '../../../src/lab/lab.ts'
import type { PolicyDocument, PolicyStatement } from '../../../src/lab/evaluate-policy.ts'
import { roleOf } from './kept-lab.ts'

export const bucketArn = `arn:aws:s3:::${labBucket}`
export const bRoot = `arn:aws:iam::${labAccounts.B}:root`
/** The prefix of the keys of B's own logs, with the slash. */
export const bPrefix = `AWSLogs/${labAccounts.B}/`

type Allowed = Omit<PolicyStatement, 'Effect'>

export function allow(statement: Allowed): PolicyStatement {
  return { Effect: 'Allow', ...statement }
}

export function trustOf(AWS: string, Condition?: NonNullable<PolicyStatement['Condition']>): PolicyDocument {
  const statement = allow({ Principal: { AWS }, Action: 'sts:AssumeRole' })
  return { Statement: Condition === undefined ? statement : { ...statement, Condition } }
}

/** Replaces the role's policies, so that it may do only this. */
export function setPolicies(lab: Lab, role: string, ...statements: readonly PolicyStatement[]): void {
  roleOf(lab, role).policies = [{ Statement: statements }]
}

export function alsoAllow(lab: Lab, role: string, ...statements: readonly Allowed[]): void {
  const holder = roleOf(lab, role)
  holder.policies = [...holder.policies, { Statement: statements.map(allow) }]
}

export function lists(bucket: string, prefix: string | string[]) {
  return {
    Action: 's3:ListBucket',
    Resource: `arn:aws:s3:::${bucket}`,
    Condition: { StringLike: { 's3:prefix': prefix } },
  }
}

export function readsB(bucket: string = labBucket) {
  return { Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/${bPrefix}*` }
}
