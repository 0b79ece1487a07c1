import type { BodyReceiver } from '../s3/body-receiver.ts'
import type { ListedObject } from '../trail/log-object.ts'
import type { ObjectAction } from '../work/object-action.ts'

export interface ObjectReader {
  get<T>(object: Pick<ListedObject, 'key'>, receive: () => BodyReceiver<T>, signal?: AbortSignal): Promise<T>
}

/** Where log objects go. The outcomes done and skipped as present mean that the object has arrived. */
export interface Sink<T = unknown> extends ObjectAction<ObjectReader, T> {
  /**
   * Resolves when everything that had arrived at the call is safe from a power cut. Returns what the sink of the next pull needs to know,
   * or undefined.
   */
  flush(): Promise<unknown>
  /** Called when nothing more will come. Returns whether there is still something to flush. */
  finish?: (() => boolean) | undefined
  /** Called when the result of the last flush is stored. */
  committed?: (() => Promise<void> | void) | undefined
  close(): Promise<void>
}
