import type { Part } from './part-writer.ts'

/** A file of a partition that is too small to be published alone. */
export interface SmallFile {
  readonly path: string
  readonly part: Part
}

/** Removes files from the start of the list and returns them: one, and more up to this many bytes in total. */
export function withinBytes(files: SmallFile[], most: number): SmallFile[] {
  let bytes = 0
  const end = files.findIndex(({ part }, at) => (bytes += part.bytes) > most && at > 0)
  return files.splice(0, end === -1 ? files.length : end)
}
