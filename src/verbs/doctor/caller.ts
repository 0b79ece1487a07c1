import type { CallerIdentity } from '../../identity/sts.ts'
import { arnPartition } from '../../trail/region.ts'
import { configFix, wordsFix } from './fix.ts'
import type { Walk } from './walk.ts'

/** Tells whose keys these are, and answers whether to go on: root, and another partition, are walls. */
export function lookAtCaller(walk: Walk, { arn, account: callerId }: CallerIdentity): boolean {
  const { account } = walk
  const facts = { arn, accountId: callerId }
  const tried = 'GetCallerIdentity'
  if (arn.endsWith(':root')) {
    walk.fail('caller', `${arn} is the root user of ${callerId}, and root may assume no role`, {
      code: 'access.root-credentials',
      tried,
      answer: arn,
      facts,
      fixes: [
        wordsFix(
          'caller',
          `use the keys of an IAM user or role of ${account.id} in place of root's, and delete the access keys of root`,
        ),
      ],
    })
    return false
  }
  const firstRole = account.via[0]?.role ?? account.role
  const [mine, roles] = [arnPartition(arn), arnPartition(firstRole)]
  if (mine !== undefined && roles !== undefined && mine !== roles) {
    walk.fail('caller', `${arn} is of partition ${mine}, and ${firstRole} of ${roles}: no role is assumed across two`, {
      code: 'access.other-partition',
      tried,
      answer: arn,
      facts,
      fixes: [configFix(`accounts.${account.label}.credentials`, `name a credential source of partition ${roles}`)],
    })
    return false
  }
  if (belongs(walk, callerId)) {
    walk.ok('caller', `${arn} of account ${callerId}`, facts)
    return true
  }
  walk.warn('caller', `${arn} is of account ${callerId}, and the config says that ${account.label} is ${account.id}`, {
    code: 'config.other-account',
    tried,
    answer: arn,
    facts,
    fixes: otherAccountFixes(walk, callerId),
  })
  return true
}

/** What to change where the keys are of another account than the config says. Empty where they are not. */
export function otherAccountFixes(walk: Walk, callerId: string | undefined) {
  const { account } = walk
  if (callerId === undefined || belongs(walk, callerId)) return []
  return [
    configFix(
      `accounts.${account.label}.id`,
      `write ${callerId} if these are the right keys, else name another credential source`,
      callerId,
    ),
  ]
}

/** A caller of another account is at home where a role on the way is of the account. */
function belongs({ account }: Walk, callerId: string): boolean {
  return callerId === account.id || account.via.some(({ role }) => role.split(':')[4] === account.id)
}
