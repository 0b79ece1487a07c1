import type { PublicKeysAnswer } from '../../identity/account-public-keys.ts'
import type { PublicKeysQuery } from '../../identity/cloudtrail.ts'
import type { Session } from '../../identity/session.ts'
import { roleStatement } from '../../identity/sharing/statements.ts'
import { CrosstrailError } from '../../error.ts'
import { hourMs } from '../../trail/calendar.ts'
import { accountOfArn, type DoctorFix, hintFix, policyFix } from './fix.ts'
import { holderOf } from './sts-fixes.ts'
import { knownError, type Walk } from './walk.ts'

/** Lists the public keys of a region. */
export type ListKeys = (session: Session, query: PublicKeysQuery) => Promise<PublicKeysAnswer>

/** Reports whether the public keys that `verify` needs can be listed, in each region that has logs. */
export async function tellKeys(walk: Walk, session: Session, regions: readonly string[], list: ListKeys) {
  const { trail, nowMs } = walk
  const asked = regions.length === 0 ? [trail.region] : regions
  const window = { fromMs: nowMs - hourMs, toMs: nowMs }
  const answers = await Promise.all(
    asked.map((region) => list(session, { region, ...window }).catch((error: unknown) => knownError(error))),
  )
  const error = answers.find((answer) => answer instanceof CrosstrailError)
  if (error !== undefined) {
    const refusedIn = asked.filter((_, index) => answers[index] instanceof CrosstrailError)
    return walk.failWith('keys', error, {
      tried: `ListPublicKeys in ${refusedIn.join(', ')}`,
      fixes: fixesOf(error, walk),
    })
  }
  const listed = answers.flatMap((answer) => (answer instanceof CrosstrailError ? [] : [answer]))
  const keys = listed.reduce((sum, answer) => sum + answer.keys.length, 0)
  const by = [...new Set(listed.map(({ askedBy }) => askedBy))].join(', ')
  walk.ok('keys', `${by} may list CloudTrail's public keys: ${keys} in ${asked.join(', ')}`, {
    keys,
    regions: asked.join(','),
    askedBy: by,
  })
}

/** Either side may have the right, so it returns the statements for both. */
function fixesOf(error: CrosstrailError, walk: Walk): readonly DoctorFix[] {
  const { account, trail } = walk
  if (error.code === 'access.region-not-enabled') return [hintFix('caller', error)]
  if (error.code !== 'access.list-public-keys-denied') return [hintFix('machine', error)]
  const statement = roleStatement('listPublicKeys', account, trail, {})
  const callerArn = walk.steps.find(({ step }) => step === 'caller')?.facts['arn']
  const caller =
    holderOf(callerArn === undefined ? undefined : String(callerArn)) ??
    `the user or role whose keys account ${account.label} uses`
  const inAccount = accountOfArn(account.role, trail.owner)
  return [
    policyFix({ side: 'owner', kind: 'role', attachTo: account.role, inAccount }, statement),
    policyFix(
      { side: 'caller', kind: 'caller', attachTo: caller, inAccount: accountOfArn(caller, account.id) },
      statement,
    ),
  ]
}
