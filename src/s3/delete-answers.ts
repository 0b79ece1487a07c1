import { CrosstrailError } from '../error.ts'
import type { DeletedObject, DeleteError } from './s3-client.ts'
import { serverMark } from './server-mark.ts'
import { type CallContext, faultError } from './service-error.ts'

/** What to delete: a key, under conditions. */
export interface DeleteItem {
  readonly key: string
  /** Only this version. Without it, a versioned bucket gets a delete marker. */
  readonly versionId?: string | undefined
  /** Only while the object still has it. */
  readonly etag?: string | undefined
}

export type DeleteAnswer =
  /** `markerVersionId` is set where the delete left a marker. Something that was gone already is deleted. */
  | { readonly status: 'deleted'; readonly item: DeleteItem; readonly markerVersionId?: string | undefined }
  | { readonly status: 'failed'; readonly item: DeleteItem; readonly error: CrosstrailError }

export interface DeleteAnswers {
  readonly answered: readonly DeleteAnswer[]
  /** Nothing was said of them: they may be gone or not. */
  readonly unanswered: readonly DeleteItem[]
}

/** Finds for each item what a DeleteObjects answer says of it. Answers come in any order, and a key may be there in several versions. */
export function matchDeleteAnswers(
  items: readonly DeleteItem[],
  output: { readonly Deleted?: DeletedObject[] | undefined; readonly Errors?: DeleteError[] | undefined },
  context: CallContext,
): DeleteAnswers {
  const open = new OpenItems(items)
  const answered: DeleteAnswer[] = []
  // Where one item is named twice, the worse is believed.
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

/** XML 1.0 has no way to write such a key, and one of them would have the whole call refused. */
export function unwritableKey(item: DeleteItem): DeleteAnswer | undefined {
  if (!unwritable.test(item.key)) return undefined
  const message = `${JSON.stringify(item.key)} cannot be deleted in a batch: it holds a character that XML cannot carry`
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

  /** The item an answer is about: that of the same version, or the only one of the key where a server leaves the version out. */
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
