import type { BodyReceiver } from '../s3/body-receiver.ts'
import type { ListedObject } from '../trail/log-object.ts'
import type { ObjectAction } from '../work/object-action.ts'

export interface ObjectReader {
  get<T>(object: Pick<ListedObject, 'key'>, receive: () => BodyReceiver<T>, signal?: AbortSignal): Promise<T>
}

/**
 * Where log objects go. An outcome that is done, or skipped as present, says that the object has arrived.
 */
export interface Sink<T = unknown> extends ObjectAction<ObjectReader, T> {
  /**
   * Resolves when all that had arrived at the call survives a power cut. Returns what the sink of the next pull needs to know; undefined for
   * nothing.
   */
  flush(): Promise<unknown>
  /** Nothing more will come. Returns whether there is something to flush all the same. */
  finish?: (() => boolean) | undefined
  /** What the last flush returned is stored. */
  committed?: (() => Promise<void> | void) | undefined
  close(): Promise<void>
}
