import { CrosstrailError } from '../error.ts'

/** The error for a file or a folder that the system does not let us read, or that disappeared. */
export function unreadableFile(path: string, cause: unknown): CrosstrailError {
  const message = cause instanceof CrosstrailError ? cause.message : `${path} cannot be read: ${reasonOf(cause)}`
  return new CrosstrailError('object.unreadable', message, { facts: { path }, cause })
}

function reasonOf(cause: unknown): string {
  // The system's message names the call and repeats the path: `EACCES: permission denied, open '…'`.
  return cause instanceof Error ? cause.message.replace(/, \w+(?: '.*)?$/s, '') : String(cause)
}
