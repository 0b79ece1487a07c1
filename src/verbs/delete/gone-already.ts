import { CrosstrailError } from '../../error.ts'
import type { DeleteAnswer } from '../../s3/delete-answers.ts'
import { compareKeys } from '../../trail/key-order.ts'
import type { Listing } from '../../work/plan.ts'

/**
 * Turns a refusal of an object that no longer exists into a deletion: for a missing key, S3 answers AccessDenied to a session that may list
 * only by prefix. Lists the folders of the refused keys. If that fails, refusals stay.
 */
export async function withGoneAlready(
  answers: readonly DeleteAnswer[],
  listing: Listing,
): Promise<readonly DeleteAnswer[]> {
  const refused = answers.filter(mayBeGone).map(({ item }) => item.key)
  if (refused.length === 0) return answers
  let there: ReadonlySet<string>
  try {
    there = await presentKeys(refused, listing)
  } catch (error) {
    if (error instanceof CrosstrailError) return answers
    throw error
  }
  return answers.map((answer) =>
    mayBeGone(answer) && !there.has(answer.item.key) ? { status: 'deleted', item: answer.item } : answer,
  )
}

function mayBeGone({ status, item, ...answer }: DeleteAnswer): boolean {
  if (status === 'deleted' || item.versionId !== undefined) return false
  return 'error' in answer && answer.error.code === 'access.delete-denied'
}

async function presentKeys(keys: readonly string[], listing: Listing): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  let seenTo = ''
  for (const key of keys.toSorted(compareKeys)) {
    if (seenTo !== '' && compareKeys(key, seenTo) <= 0) continue
    const folder = key.slice(0, key.lastIndexOf('/') + 1)
    const page = await listing.listPage({ prefix: folder, startAfter: key.slice(0, -1) })
    for (const object of page.objects) found.add(object.key)
    // On the last page, everything after the key in this folder is known.
    seenTo = page.nextToken === undefined ? `${folder}\uffff` : (page.objects.at(-1)?.key ?? key)
  }
  return found
}
