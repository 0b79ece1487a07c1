import { CrosstrailError } from '../error.ts'
import type { DeletedObject, DeleteError } from './s3-client.ts'
import { serverMark } from './server-mark.ts'
import { type CallContext, faultError } from './service-error.ts'

/** A key to delete, and its conditions. */
export interface DeleteItem {
  readonly key: string
  /** Deletes only this version. Without it, a versioned bucket gets a delete marker. */
  readonly versionId?: string | undefined
  /** Deletes the object only if it still has this ETag. */
  readonly etag?: string | undefined
}

export type DeleteAnswer =
  /** `markerVersionId` is set if the delete left a marker. An object that no longer existed counts as deleted. */
  | { readonly status: 'deleted'; readonly item: DeleteItem; readonly markerVersionId?: string | undefined }
  | { readonly status: 'failed'; readonly item: DeleteItem; readonly error: CrosstrailError }

export interface DeleteAnswers {
  readonly answered: readonly DeleteAnswer[]
  /** The server said nothing about these items: they may be deleted or not. */
  readonly unanswered: readonly DeleteItem[]
}

/** Matches a DeleteObjects answer to the items. The answer has any order, and a key may occur in several versions. */
export function matchDeleteAnswers(
  items: readonly DeleteItem[],
  output: { readonly Deleted?: DeletedObject[] | undefined; readonly Errors?: DeleteError[] | undefined },
  context: CallContext,
): DeleteAnswers {
  const open = new OpenItems(items)
  const answered: DeleteAnswer[] = []
  // If the answer names one item twice, the error counts.
  for (const error of output.Errors ?? []) {
    const item = open.take(error.Key, error.VersionId)
    if (item !== undefined) answered.push(answerToError(item, error, context))
  }
  for (const deleted of output.Deleted ?? []) {
    const item = open.take(deleted.Key, deleted.VersionId)
    if (item === undefined) continue
    const leftMarker = item.versionId === undefined && deleted.DeleteMarker === true
    const markerVersionId = leftMarker ? deleted.DeleteMarkerVersionId : undefined
    answered.push({
      status: 'deleted',
      item,
      ...(markerVersionId !== undefined && { markerVersionId: serverMark(markerVersionId) }),
    })
  }
  return { answered, unanswered: open.rest() }
}

/** XML 1.0 cannot express such a key, and S3 would reject the whole call because of it. */
export function unwritableKey(item: DeleteItem): DeleteAnswer | undefined {
  if (!unwritable.test(item.key)) return undefined
  const message = `${JSON.stringify(item.key)} cannot be deleted in a batch: it contains a character that XML does not allow`
  return { status: 'failed', item, error: new CrosstrailError('object.unwritable-key', message) }
}

const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/

class OpenItems {
  readonly #byKey = new Map<string, DeleteItem[]>()

  constructor(items: readonly DeleteItem[]) {
    for (const item of items) {
      const same = this.#byKey.get(item.key)
      if (same === undefined) this.#byKey.set(item.key, [item])
      else same.push(item)
    }
  }

  /** Returns the item of the answer: the same version, or the only item of the key if a server omits the version. */
  take(key: string | undefined, versionId: string | undefined): DeleteItem | undefined {
    const open = this.#byKey.get(key ?? '') ?? []
    const exact = open.findIndex((item) => (item.versionId ?? '') === (versionId ?? ''))
    const leavesOut = versionId === undefined || versionId === '' || versionId === 'null'
    const at = exact === -1 && leavesOut && open.length === 1 ? 0 : exact
    return at === -1 ? undefined : open.splice(at, 1)[0]
  }

  rest(): DeleteItem[] {
    return [...this.#byKey.values()].flat()
  }
}

function answerToError(item: DeleteItem, { Code, Message }: DeleteError, context: CallContext): DeleteAnswer {
  if (Code !== undefined && goneAlready.has(Code)) return { status: 'deleted', item }
  const fault = {
    status: 200,
    code: Code ?? 'an error',
    message: Message ?? '',
    requestId: undefined,
    bucketRegion: undefined,
  }
  return { status: 'failed', item, error: faultError(fault, { ...context, target: item.key }) }
}

const goneAlready = new Set(['NoSuchKey', 'NoSuchVersion'])
