import { hclBlock, hclExpression, type HclFields } from './hcl.ts'

/** A variable with the current policy, because the provider has no data source for it. `command` prints the policy. */
export function currentPolicy(variable: string, command: string): readonly string[] {
  return hclBlock(['variable', variable], {
    description: `The current policy: ${command}`,
    type: hclExpression('string'),
  })
}

/** Keeps the existing statements, except those with the same Sid. */
export function mergedDocument(own: string, current: unknown, json: unknown, provider: HclFields): readonly string[] {
  return hclBlock(['data', 'aws_iam_policy_document', own], {
    ...provider,
    source_policy_documents: [current],
    override_policy_documents: [json],
  })
}

/** Destroying the resource would remove the statements of others, such as CloudTrail's right to deliver. */
export const keepLines = ['', '  lifecycle {', '    prevent_destroy = true', '  }']
