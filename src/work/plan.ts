import { CrosstrailError } from '../error.ts'
import type { ListPage } from '../s3/list-page.ts'
import { type AccountId, isAccountId } from '../trail/account-id.ts'
import { compareKeys } from '../trail/key-order.ts'
import { accountPrefix, kindPrefix, logsBase, topBase } from '../trail/key-prefix.ts'
import { type Kind, kindOfFolder, kinds as allKinds } from '../trail/kind.ts'
import { isOrganizationId } from '../trail/organization-id.ts'
import { ownText } from '../trail/own-text.ts'
import { isRegion } from '../trail/region.ts'
import { type Slice, sliceOf } from '../trail/slice.ts'
import type { TrailLayout } from '../trail/trail.ts'
import { commonWindow } from '../trail/window.ts'
import type { Assignment } from './assignment.ts'
import type { RunListener } from './run-event.ts'
import type { Selection } from './selection.ts'

/** The part of a bucket that planning and listing use. */
export interface Listing {
  listPage(
    request: {
      prefix: string
      startAfter?: string | undefined
      token?: string | undefined
      delimiter?: '/' | undefined
    },
    signal?: AbortSignal,
  ): Promise<ListPage>
}

/** The folder of a log. Foreign objects have none of these names. */
export type FoundPlace = Partial<Pick<Slice, 'logAccount' | 'region' | 'kind'>>

export interface PlanRequest {
  readonly layout: TrailLayout
  readonly assignment: Assignment
  readonly selection: Selection
  readonly bucket: Listing
  readonly listener: RunListener
  /** Called for a log account whose kinds or regions cannot be found. */
  readonly onFailed: (logAccount: AccountId, error: unknown) => void
  /** Called for each selected folder that exists. */
  readonly onFound?: ((place: FoundPlace) => void) | undefined
  readonly signal: AbortSignal
}

/**
 * Returns the slices of one account: a listing for each log account, kind and region. Names that the selection and the assignment leave
 * open are found with `Delimiter=/`: log accounts, then the kinds of each, then the regions of each kind.
 */
export async function planSlices(request: PlanRequest): Promise<Slice[]> {
  const logAccounts = await findLogAccounts(request)
  const perAccount = await Promise.all(
    logAccounts.map(async (logAccount) => {
      try {
        return await planLogAccount(request, logAccount)
      } catch (error) {
        // The other log accounts may still be readable.
        request.onFailed(logAccount, error)
        return []
      }
    }),
  )
  return perAccount.flat()
}

async function findLogAccounts(request: PlanRequest): Promise<readonly AccountId[]> {
  const { assignment } = request
  if ('logAccounts' in assignment) return assignment.logAccounts
  const base = logsBase(request.layout)
  const folders = await findFolders(request, base)
  for (const folder of folders.filter(isOrganizationId)) {
    request.listener({
      type: 'note',
      level: 'warning',
      code: 'plan.organization-not-read',
      message: `${base}${folder}/ contains the logs of an organization trail and is not read: set trail.organization to read it`,
      account: assignment.account,
    })
  }
  if (request.layout.organization !== undefined) await warnOfAccountsBeside(request)
  const found = folders.filter(isAccountId)
  if (found.length === 0) warnOfNothing(request, base)
  return found.filter((id) => !assignment.allBut.includes(id))
}

/** Warns of logs of single accounts beside those of the organization. A role that may not list them is not meant to read them. */
async function warnOfAccountsBeside({ layout, assignment, bucket, listener, signal }: PlanRequest): Promise<void> {
  const prefix = topBase(layout)
  const page = await orDenied(bucket.listPage({ prefix, delimiter: '/' }, signal))
  const beside = page?.commonPrefixes.map((folder) => folder.slice(prefix.length, -1)).filter(isAccountId) ?? []
  const [first] = beside
  if (first === undefined) return
  const more = beside.length > 1 ? ` and ${beside.length - 1} more such folders` : ''
  listener({
    type: 'note',
    level: 'warning',
    code: 'plan.accounts-not-read',
    message: `${prefix}${first}/${more} contain logs of single accounts beside those of the organization, and are not read: to read them, write a config without trail.organization`,
    account: assignment.account,
  })
}

async function orDenied(page: Promise<ListPage>): Promise<ListPage | undefined> {
  try {
    return await page
  } catch (error) {
    if (error instanceof CrosstrailError && error.code === 'access.list-denied') return undefined
    throw error
  }
}

async function planLogAccount(request: PlanRequest, logAccount: AccountId): Promise<Slice[]> {
  const kinds = await findKinds(request, logAccount)
  const perKind = await Promise.all(kinds.map((kind) => planKind(request, logAccount, kind)))
  return perKind.flat()
}

async function findKinds(request: PlanRequest, logAccount: AccountId): Promise<readonly Kind[]> {
  const { kinds } = request.selection
  const [only] = kinds
  if (only !== undefined && kinds.length === 1) return [only]
  const prefix = accountPrefix(request.layout, logAccount)
  const folders = await findFolders(request, prefix)
  for (const folder of folders) {
    if (!folder.startsWith('CloudTrail') || kindOfFolder(folder) !== undefined) continue
    request.listener({
      type: 'note',
      level: 'warning',
      code: 'plan.unknown-kind',
      message: `${prefix}${folder}/ is a kind of log that this version does not know, and is not read`,
      account: request.assignment.account,
    })
  }
  const found = new Set(folders.map(kindOfFolder))
  if (folders.length === 0) warnOfNothing(request, prefix)
  return (kinds.length === 0 ? allKinds : kinds).filter((kind) => found.has(kind))
}

async function planKind(request: PlanRequest, logAccount: AccountId, kind: Kind): Promise<Slice[]> {
  const { selection, layout, assignment } = request
  const { piece = {}, shard } = selection
  const window = commonWindow(selection.window, piece)
  const regions = selection.regions.length > 0 ? selection.regions : await findRegions(request, logAccount, kind)
  return regions.map((region) =>
    sliceOf({ layout, account: assignment.account, logAccount, region, kind, window, shard }),
  )
}

async function findRegions(request: PlanRequest, logAccount: AccountId, kind: Kind): Promise<readonly string[]> {
  const prefix = kindPrefix(request.layout, logAccount, kind)
  const regions = (await findFolders(request, prefix)).filter(isRegion)
  for (const region of regions) request.onFound?.({ logAccount, kind, region })
  if (regions.length === 0) warnOfNothing(request, prefix)
  return regions
}

/** An empty result looks right, but may come from a wrong prefix. */
function warnOfNothing({ assignment, listener }: PlanRequest, prefix: string): void {
  listener({
    type: 'note',
    level: 'warning',
    code: 'plan.no-logs',
    message: `there is nothing under ${prefix}: check that the trail delivers there, and check trail.prefix, trail.organization and accounts.${assignment.account}.id`,
    account: assignment.account,
  })
}

/** Returns the names of the folders directly below a prefix. */
async function findFolders({ bucket, signal }: PlanRequest, prefix: string): Promise<string[]> {
  const folders = new Set<string>()
  let token: string | undefined
  let last: string | undefined
  do {
    const page = await bucket.listPage({ prefix, delimiter: '/', startAfter: last, token }, signal)
    const before = folders.size
    for (const folder of page.commonPrefixes) folders.add(ownText(folder.slice(prefix.length, -1)))
    token = page.nextToken
    if (folders.size > mostFolders) throw tooManyFolders(prefix)
    // A folder may be listed twice. A page may contain only objects beside the folders.
    if (token !== undefined && folders.size === before && page.objects.length === 0) throw standsStill(prefix)
    last = lastEntry(page)
  } while (token !== undefined)
  return [...folders]
}

function lastEntry({ objects, commonPrefixes }: ListPage): string | undefined {
  const [key, folder] = [objects.at(-1)?.key, commonPrefixes.at(-1)]
  if (key === undefined || folder === undefined) return key ?? folder
  return compareKeys(key, folder) > 0 ? key : folder
}

/** An organization has some ten thousand accounts at most. All folders are held in memory, and each is listed. */
const mostFolders = 100_000

function tooManyFolders(prefix: string): CrosstrailError {
  return new CrosstrailError('bucket.too-many-folders', `there are more than ${mostFolders} folders under ${prefix}`, {
    hint: 'no trail has that many: check trail.prefix. If it is right, the endpoint is not compatible with S3. To list some of the folders, name them with --log-account, --kind and --region',
    facts: { prefix, mostFolders },
  })
}

function standsStill(prefix: string): CrosstrailError {
  return new CrosstrailError(
    'bucket.listing-loops',
    `the listing of ${prefix} does not advance: its pages contain nothing new`,
    {
      hint: 'the endpoint is not compatible with S3, so its listings may be incomplete',
    },
  )
}
