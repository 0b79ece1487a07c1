import { CrosstrailError, type ErrorCode } from '../error.ts'

/**
 * Converts a failed file system call into an error. `object.…` concerns one object. `disk.…` ends the run, because the next object would
 * fail too (`isDiskFailure`).
 */
export function diskError(cause: unknown, path: string): CrosstrailError {
  if (cause instanceof CrosstrailError) return cause
  const errno = errnoOf(cause) ?? 'unknown'
  const known = knownByErrno[errno]
  const { code, says, hint } = known ?? { code: 'disk.failed' as const, says: `failed with ${errno}`, hint: undefined }
  return new CrosstrailError(code, `${path}: ${says}`, { hint, facts: { path, errno }, cause })
}

/** Runs `act` and converts what it throws with `diskError`. */
export function onDisk<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw diskError(error, path)
  }
}

/** True for an error that ends the run, such as a full or read-only disk or a removed folder. */
export function isDiskFailure(error: unknown): boolean {
  return error instanceof CrosstrailError && error.code.startsWith('disk.')
}

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

interface KnownErrno {
  readonly code: ErrorCode
  readonly says: string
  readonly hint: string
}

const full: KnownErrno = {
  code: 'disk.full',
  says: 'no space left on the disk',
  hint: 'free some space and run again; files that are already complete are kept and skipped',
}

const notWritable: KnownErrno = {
  code: 'disk.not-writable',
  says: 'cannot be written',
  hint: 'choose another folder, or give this user the right to write there',
}

const occupied: KnownErrno = {
  code: 'object.path-occupied',
  says: 'there is a folder in place of the file, or a file in place of a folder',
  hint: 'move it away, or choose another folder',
}

const tooManyOpen: KnownErrno = {
  code: 'disk.too-many-open-files',
  says: 'cannot be opened: too many files are open in this process or on this machine',
  hint: 'raise the limit (ulimit -n), or lower --concurrency',
}

const knownByErrno: Readonly<Record<string, KnownErrno>> = {
  EMFILE: tooManyOpen,
  ENFILE: tooManyOpen,
  ENOSPC: full,
  EDQUOT: full,
  EACCES: notWritable,
  EPERM: notWritable,
  EROFS: notWritable,
  EISDIR: occupied,
  ENOTDIR: occupied,
  EEXIST: occupied,
  ENOTEMPTY: occupied,
  ENOENT: {
    code: 'disk.not-found',
    says: 'does not exist, or a folder above it does not',
    hint: 'create the folder; if something removed it during the run, run again',
  },
  ENAMETOOLONG: {
    code: 'object.unsafe-key',
    says: 'the path is too long for this file system',
    hint: 'choose a folder with a shorter path, or another --layout',
  },
}
