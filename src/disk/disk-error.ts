import { CrosstrailError, type ErrorCode } from '../error.ts'

/**
 * What a failed call to the file system means for the run. `object.…` concerns one object; `disk.…` ends the run, since
 * the next object would meet the same (`isDiskFailure`).
 */
export function diskError(cause: unknown, path: string): CrosstrailError {
  if (cause instanceof CrosstrailError) return cause
  const errno = errnoOf(cause) ?? 'unknown'
  const known = knownByErrno[errno]
  const { code, says, hint } = known ?? { code: 'disk.failed' as const, says: `failed with ${errno}`, hint: undefined }
  return new CrosstrailError(code, `${path}: ${says}`, { hint, facts: { path, errno }, cause })
}

/** Does something at a path. Throws what `diskError` makes of a failure. */
export function onDisk<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw diskError(error, path)
  }
}

/** True for an error after which no further object should be taken: a full or read-only disk, a folder that is gone. */
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
  hint: 'free some space and run again: what is there already is kept and skipped',
}

const notWritable: KnownErrno = {
  code: 'disk.not-writable',
  says: 'cannot be written',
  hint: 'choose another folder, or give this user the right to write there',
}

const occupied: KnownErrno = {
  code: 'object.path-occupied',
  says: 'a folder is where the file should be, or a file where a folder should be',
  hint: 'move away what is there, or choose another folder',
}

const tooManyOpen: KnownErrno = {
  code: 'disk.too-many-open-files',
  says: 'cannot be opened, because this process or this machine has too many files open',
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
    says: 'is not there, or a folder above it is not',
    hint: 'make the folder; if something removed it while it was in use, run again',
  },
  ENAMETOOLONG: {
    code: 'object.unsafe-key',
    says: 'the path is too long for this file system',
    hint: 'choose a folder with a shorter path, or another --layout',
  },
}
