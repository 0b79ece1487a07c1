import type { CallerIdentity } from '../../identity/sts.ts'
import { arnPartition } from '../../trail/region.ts'
import { configFix, wordsFix } from './fix.ts'
import type { Walk } from './walk.ts'

/** Reports whose keys these are. Returns whether to continue: the root user and another partition fail. */
export function lookAtCaller(walk: Walk, { arn, account: callerId }: CallerIdentity): boolean {
  const { account } = walk
  const facts = { arn, accountId: callerId }
  const tried = 'GetCallerIdentity'
  if (arn.endsWith(':root')) {
    walk.fail('caller', `${arn} is the root user of ${callerId}, and a root user cannot assume roles`, {
      code: 'access.root-credentials',
      tried,
      answer: arn,
      facts,
      fixes: [
        wordsFix(
          'caller',
          `use the keys of an IAM user or role of ${account.id} instead of the root user's, and delete the root user's access keys`,
        ),
      ],
    })
    return false
  }
  const firstRole = account.via[0]?.role ?? account.role
  const [mine, roles] = [arnPartition(arn), arnPartition(firstRole)]
  if (mine !== undefined && roles !== undefined && mine !== roles) {
    const message = `${arn} is in partition ${mine}, but ${firstRole} is in ${roles}: a role cannot be assumed from another partition`
    walk.fail('caller', message, {
      code: 'access.other-partition',
      tried,
      answer: arn,
      facts,
      fixes: [configFix(`accounts.${account.label}.credentials`, `name a credential source in partition ${roles}`)],
    })
    return false
  }
  if (belongs(walk, callerId)) {
    walk.ok('caller', `${arn} of account ${callerId}`, facts)
    return true
  }
  walk.warn(
    'caller',
    `${arn} belongs to account ${callerId}, but the config says that ${account.label} is ${account.id}`,
    {
      code: 'config.other-account',
      tried,
      answer: arn,
      facts,
      fixes: otherAccountFixes(walk, callerId),
    },
  )
  return true
}

/** Returns what to change if the keys belong to another account than the config says. Otherwise empty. */
export function otherAccountFixes(walk: Walk, callerId: string | undefined) {
  const { account } = walk
  if (callerId === undefined || belongs(walk, callerId)) return []
  return [
    configFix(
      `accounts.${account.label}.id`,
      `set this to ${callerId} if these are the right keys, or name another credential source`,
      callerId,
    ),
  ]
}

/** A caller from another account is correct if a hop belongs to the account. */
function belongs({ account }: Walk, callerId: string): boolean {
  return callerId === account.id || account.via.some(({ role }) => role.split(':')[4] === account.id)
}
