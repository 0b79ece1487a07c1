import { CrosstrailError } from '../error.ts'

/** The error for a file or a folder that the system does not let us read, or that disappeared. */
export function unreadableFile(path: string, cause: unknown): CrosstrailError {
  // The system's message names the call and repeats the path: `EACCES: permission denied, open '…'`.
  const why = cause instanceof Error ? cause.message.replace(/, \w+ '.*$/s, '') : String(cause)
  return new CrosstrailError('object.unreadable', `${path} cannot be read: ${why}`, { facts: { path }, cause })
}
