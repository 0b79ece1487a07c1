import { inspect } from 'node:util'

import { CrosstrailError } from '../../src/error.ts'

/** Returns the error that a promise rejects with. Fails if it does not reject. */
export async function caught(promise: PromiseLike<unknown>): Promise<CrosstrailError> {
  const [result] = await Promise.allSettled([promise])
  if (result?.status !== 'rejected') throw new Error('expected a rejection')
  if (!(result.reason instanceof CrosstrailError)) throw result.reason
  return result.reason
}

/** Returns every part of an error that could reach a person or a file. */
export function everythingOf(error: CrosstrailError): string {
  return [
    inspect(error, { depth: 20, showHidden: true }),
    JSON.stringify(error),
    JSON.stringify({ message: error.message, hint: error.hint, facts: error.facts, cause: String(error.cause) }),
    String(error.stack),
  ].join('\n')
}
