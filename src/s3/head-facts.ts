import type { ListedObject } from '../trail/log-object.ts'
import { answeredAt } from './answered-at.ts'
import { type HttpAnswer, header } from './http.ts'
import { serverMark } from './server-mark.ts'

/** One object as a listing has it. */
export interface FoundObject {
  readonly object: ListedObject
  /** When the store answered, by its own clock. */
  readonly answeredAtMs: number
}

/** Reads the facts of a listing from the answer to a HEAD. Returns undefined if it lacks one of them. */
export function headFacts(key: string, { status, headers }: HttpAnswer, nowMs: number): FoundObject | undefined {
  const size = header(headers, 'content-length') ?? ''
  const etag = /^"([^"]*)"$/.exec(header(headers, 'etag') ?? '')?.[1]
  const lastModifiedMs = Date.parse(header(headers, 'last-modified') ?? '')
  if (status !== 200 || !/^\d{1,15}$/.test(size) || etag === undefined || Number.isNaN(lastModifiedMs)) return undefined
  const restore = header(headers, 'x-amz-restore')
  const object: ListedObject = {
    key,
    sizeBytes: Number(size),
    etag: serverMark(etag),
    lastModifiedMs,
    storageClass: serverMark(header(headers, 'x-amz-storage-class') ?? 'STANDARD'),
    ...(restore !== undefined && { restored: /ongoing-request="false"/.test(restore) && /expiry-date=/.test(restore) }),
  }
  return { object, answeredAtMs: answeredAt(headers, nowMs) }
}
