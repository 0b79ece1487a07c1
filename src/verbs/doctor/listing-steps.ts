import type { CrosstrailError } from '../../error.ts'
import { type AccountId, isAccountId } from '../../trail/account-id.ts'
import { logsBase } from '../../trail/key-prefix.ts'
import { isOrganizationId } from '../../trail/organization-id.ts'
import { lacksRight } from './denial.ts'
import type { DoctorBucket } from './doctor-bucket.ts'
import { configFix, type DoctorFix, hintFix, wordsFix } from './fix.ts'
import { layoutFixes } from './layout-fixes.ts'
import { ownPrefixes } from './log-prefixes.ts'
import { otherAccountFixes } from './caller.ts'
import { s3Fixes } from './s3-fixes.ts'
import { type Survey, survey } from './survey.ts'
import { knownError, refusalOf, type Walk } from './walk.ts'

/** Lists what the account reads, down to its newest logs. Returns undefined if the role may not list it. */
export async function tellListing(
  walk: Walk,
  { wire }: DoctorBucket,
  callerId: string | undefined,
): Promise<Survey | undefined> {
  const { account, trail, signal } = walk
  const prefixes = ownPrefixes(account, trail)
  const pages = await Promise.all(
    prefixes.map(async (prefix) => {
      try {
        return { prefix, page: await wire.listPage({ prefix, delimiter: '/' }, signal) }
      } catch (error) {
        return { prefix, error: knownError(error) }
      }
    }),
  )
  const refused = pages.find((page) => 'error' in page)
  if (refused?.error !== undefined) {
    walk.failWith('list', refused.error, {
      tried: `ListObjectsV2 of s3://${trail.bucket}/${refused.prefix}`,
      facts: { prefix: refused.prefix },
      fixes: listFixes(walk, refused.error, callerId),
    })
    return undefined
  }
  const base = logsBase(trail)
  const filled = pages.flatMap(({ prefix, page }) => (page === undefined || isEmpty(page) ? [] : [{ prefix, page }]))
  const logAccounts = (
    account.reads === 'all' ? filled.flatMap(({ page }) => page.commonPrefixes) : filled.map(({ prefix }) => prefix)
  )
    .map((prefix) => prefix.slice(base.length, -1))
    .filter(isAccountId)
  if (logAccounts.length === 0) {
    await tellEmpty(walk, wire, prefixes)
    return { kinds: [], regions: [], logAccounts, newest: [] }
  }
  const found = await surveyed(walk, wire, ownFirst(logAccounts, account.id), callerId)
  if (found === undefined) return undefined
  const empty = prefixes.length - filled.length
  const more = pages.some(({ page }) => page?.nextToken !== undefined) ? ' or more' : ''
  const facts = { prefix: prefixes[0], logAccounts: logAccounts.length, empty }
  const where = prefixes.length === 1 ? `s3://${trail.bucket}/${prefixes[0]}` : `${filled.length} prefixes`
  if (empty > 0) {
    const missing = prefixes.filter((prefix) => filled.every((one) => one.prefix !== prefix))
    walk.warn('list', `there are no objects under ${missing.join(', ')}`, {
      code: 'bucket.empty-prefix',
      facts,
      fixes: [notDelivering(account)],
    })
  } else if (account.reads === 'all') {
    walk.ok(
      'list',
      `${where}: logs of ${logAccounts.length}${more} ${logAccounts.length === 1 ? 'account' : 'accounts'}`,
      facts,
    )
  } else {
    walk.ok('list', where, facts)
  }
  return found
}

/** Lists below the prefixes. A role that may list only the prefixes themselves is of no use to any verb. */
async function surveyed(
  walk: Walk,
  wire: DoctorBucket['wire'],
  logAccounts: readonly AccountId[],
  callerId: string | undefined,
): Promise<Survey | undefined> {
  const { trail, signal, nowMs } = walk
  try {
    return await survey(wire, { layout: trail, logAccounts, nowMs, signal })
  } catch (error) {
    const known = knownError(error)
    walk.failWith('list', known, {
      tried: `ListObjectsV2 of the folders below ${logsBase(trail)}`,
      fixes: listFixes(walk, known, callerId),
    })
    return undefined
  }
}

function ownFirst(logAccounts: readonly AccountId[], id: AccountId): readonly AccountId[] {
  return logAccounts.toSorted((one, other) => Number(other === id) - Number(one === id))
}

/** Reports whether the role can also list the names of other accounts' logs, which is more than `reads` needs. */
export async function tellOthers(walk: Walk, { wire }: DoctorBucket): Promise<void> {
  const { account, trail, signal } = walk
  if (account.reads === 'all') return
  const prefix = logsBase(trail)
  // The second request lists the whole bucket from after the last possible key: the answer shows the right, and no names.
  const requests = [{ prefix, delimiter: '/' } as const, { prefix: '', startAfter: lastKey }]
  const listed = await Promise.all(requests.map((request) => refusalOf(wire.listPage(request, signal))))
  const refusals = listed.flatMap((refusal) => refusal ?? [])
  if (refusals.length === requests.length) {
    const unknown = refusals.find((refusal) => !lacksRight(refusal))
    if (unknown !== undefined) return walk.skip('others', `not known: ${unknown.message}`)
    return walk.ok('others', "the role cannot list the names of other accounts' logs")
  }
  const narrow = s3Fixes('', { need: 'list', place: trail }, walk)
  walk.warn(
    'others',
    `the role can list the names of all accounts' logs, but the config says reads: ${readsText(walk)}`,
    {
      code: 'access.lists-others',
      tried: `ListObjectsV2 of s3://${trail.bucket}/${listed[0] === undefined ? prefix : ''}`,
      fixes: [
        wordsFix(
          'owner',
          `allow s3:ListBucket to ${account.role} only with the condition below: remove every statement that allows it without that condition`,
        ),
        ...narrow,
      ],
    },
  )
}

const lastKey = '\u{10fffd}'

function readsText({ account }: Walk): string {
  return typeof account.reads === 'string' ? account.reads : account.reads.join(', ')
}

function listFixes(walk: Walk, error: CrosstrailError, callerId: string | undefined): readonly DoctorFix[] {
  const { trail } = walk
  if (!lacksRight(error)) return [hintFix('machine', error)]
  const fixes = s3Fixes(error.message, { need: 'list', place: trail }, walk)
  // An explicit deny does not depend on the config.
  if (fixes.every(({ type }) => type === 'words')) return fixes
  return [...otherAccountFixes(walk, callerId), ...fixes, ...layoutFixes(trail)]
}

function isEmpty(page: { readonly objects: readonly unknown[]; readonly commonPrefixes: readonly string[] }): boolean {
  return page.objects.length === 0 && page.commonPrefixes.length === 0
}

/** Reports that nothing is under the prefix. If the role may list other folders, it suggests the layout that the trail seems to have. */
async function tellEmpty(walk: Walk, wire: DoctorBucket['wire'], prefixes: readonly string[]): Promise<void> {
  const { account, trail } = walk
  const found = await findLayout(walk, wire)
  const fixes =
    found.length > 0
      ? found
      : [
          configFix('trail.prefix', 'check that trail.prefix and trail.organization are those of the trail'),
          ...(account.reads === 'all' ? [] : [notDelivering(account)]),
        ]
  walk.warn('list', `the role may list s3://${trail.bucket}/${prefixes[0]}, but it holds no objects`, {
    code: 'bucket.empty-prefix',
    facts: { prefix: prefixes[0], logAccounts: 0 },
    fixes,
  })
}

function notDelivering({ label, reads }: Walk['account']): DoctorFix {
  const path = `accounts.${label}.${reads === 'own' ? 'id' : 'reads'}`
  return configFix(path, 'check that these accounts deliver logs to this trail')
}

async function findLayout(walk: Walk, wire: DoctorBucket['wire']): Promise<DoctorFix[]> {
  const { trail, signal } = walk
  const foldersOf = async (prefix: string): Promise<readonly string[]> => {
    try {
      const { commonPrefixes } = await wire.listPage({ prefix, delimiter: '/' }, signal)
      return commonPrefixes.map((folder) => folder.slice(prefix.length, -1))
    } catch (error) {
      if (lacksRight(knownError(error))) return []
      throw error
    }
  }
  const inside = await foldersOf(logsBase({ prefix: trail.prefix }))
  const organization = inside.find(isOrganizationId)
  if (organization !== undefined && organization !== trail.organization) {
    return [
      configFix(
        'trail.organization',
        `set this to ${organization}: the trail belongs to an organization`,
        organization,
      ),
    ]
  }
  if (trail.organization !== undefined && inside.some(isAccountId)) {
    return [configFix('trail.organization', 'remove it: the keys of the logs have no organization id')]
  }
  const top = await foldersOf('')
  if (trail.prefix !== '' && top.includes('AWSLogs')) {
    return [configFix('trail.prefix', 'set this to "": AWSLogs/ is at the top of the bucket', '')]
  }
  for (const folder of top.filter((name) => name !== trail.prefix && name !== 'AWSLogs').slice(0, mostFolders)) {
    if ((await foldersOf(`${folder}/`)).includes('AWSLogs')) {
      return [configFix('trail.prefix', `set this to ${folder}: AWSLogs/ is in that folder`, folder)]
    }
  }
  return []
}

const mostFolders = 20
