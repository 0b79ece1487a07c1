import type { Lab } from '../../../src/lab/lab.ts'
import type { PolicyDocument, PolicyStatement } from '../../../src/lab/evaluate-policy.ts'
import type { DoctorFix } from '../../../src/verbs/doctor/fix.ts'

/** Applies doctor's fixes to the lab: adds statements and changes settings. Returns how many fixes it applied. */
export function applyFixes(lab: Lab, fixes: readonly DoctorFix[]): number {
  const able = fixes.filter((fix) => fix.type === 'policy' || fix.type === 'setting')
  for (const fix of able) {
    if (fix.type === 'setting') roleOf(lab, fix.attachTo).maxSessionSeconds = Number(fix.value)
    else addStatement(lab, fix)
  }
  return able.length
}

function addStatement(lab: Lab, fix: Extract<DoctorFix, { type: 'policy' }>): void {
  const { kind, attachTo } = fix
  const statement: PolicyStatement = fix.statement
  switch (kind) {
    case 'trust': {
      const role = roleOf(lab, attachTo)
      role.trust = withStatement(role.trust, statement)
      return
    }
    case 'role':
    case 'hop':
    case 'caller': {
      const holder = holderOf(lab, attachTo)
      holder.policies = [...holder.policies, { Statement: statement }]
      return
    }
    case 'bucket': {
      const bucket = lab.bucket(attachTo.split(':::')[1])
      bucket.policy = withStatement(bucket.policy, statement)
      return
    }
    case 'key':
      lab.setKeyPolicy(attachTo, { Statement: statement })
      return
    case 'queue': {
      const [, , , , account, name = ''] = attachTo.split(':')
      const queue = lab.queues.get(name, account)
      queue.policy = withStatement(queue.policy, statement)
    }
  }
}

function withStatement(policy: PolicyDocument | undefined, statement: PolicyStatement): PolicyDocument {
  const there: readonly PolicyStatement[] = policy === undefined ? [] : [policy.Statement].flat()
  return { Version: '2012-10-17', Statement: [...there, statement] }
}

function roleOf(lab: Lab, arn: string) {
  const role = lab.iam.role(arn)
  if (role === undefined) throw new Error(`a fix names ${arn}, which the lab does not have`)
  return role
}

function holderOf(lab: Lab, arn: string): { policies: PolicyDocument[] } {
  const { bAudit, zAudit, admin } = lab.principals
  const user = [bAudit, zAudit, admin].find((one) => one.arn === arn)?.user
  return user ?? roleOf(lab, arn)
}
