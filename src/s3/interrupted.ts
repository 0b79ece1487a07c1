import { CrosstrailError } from '../error.ts'

/** For what was given up because `signal` was aborted. */
export function interrupted(signal: AbortSignal | undefined): CrosstrailError {
  return new CrosstrailError('interrupted', 'the run was interrupted', { cause: signal?.reason })
}
