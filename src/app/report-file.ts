import { basename, dirname, join } from 'node:path'
import { onDisk } from '../disk/disk-error.ts'
import { refuseUnwritable } from '../verbs/verify/keys-on-disk.ts'
import { writeWhole } from '../disk/whole-file.ts'

/** Throws `disk.…` if a page cannot be written there, so that a long run does not end with that. */
export function refuseUnwritablePage(file: string): void {
  refuseUnwritable(file)
}

/** Writes the page of a report, 0600, whole or not at all. An existing file is replaced. Throws `disk.…`. */
export function writePage(file: string, page: string): void {
  const temp = join(dirname(file), `.${basename(file)}.${process.pid}.tmp`)
  onDisk(file, () => writeWhole({ temp, final: file, mtimeMs: Date.now(), replace: true }, Buffer.from(page)))
}
