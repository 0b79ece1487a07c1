import { CrosstrailError } from '../error.ts'

/** The error for work that ended because `signal` was aborted. */
export function interrupted(signal: AbortSignal | undefined): CrosstrailError {
  return new CrosstrailError('interrupted', 'the run was interrupted', { cause: signal?.reason })
}
