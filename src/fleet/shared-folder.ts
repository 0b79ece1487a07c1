import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onDisk } from '../disk/disk-error.ts'
import { stateFolderName } from '../disk/local-path.ts'
import { makeNamedFolder, makeOwnFolder } from '../disk/make-folder.ts'
import type { FleetRequest } from './format.ts'
import { targetOf } from './request-target.ts'

/**
 * Marks the folder that a run writes to. A worker that has another folder under this name, for example because a file system is not mounted there,
 * does not find the mark and takes no slice. The mark stays, because the same run may begin again at any time. A dry run writes nothing. Throws `disk.…`.
 */
export function markFolder(request: FleetRequest, runId: string): void {
  const mark = markOf(request, runId)
  if (mark === undefined) return
  makeNamedFolder(mark.folder)
  makeOwnFolder(join(mark.folder, stateFolderName))
  onDisk(mark.file, () => writeFileSync(mark.file, '', { mode: 0o600 }))
}

/** Whether this machine sees the folder of the submitter. True if the run writes to no folder. */
export function seesFolder(request: FleetRequest, runId: string): boolean {
  const mark = markOf(request, runId)
  return mark === undefined || existsSync(mark.file)
}

function markOf(request: FleetRequest, runId: string): { readonly folder: string; readonly file: string } | undefined {
  const { to: folder } = targetOf(request) ?? {}
  if (folder === undefined || folder.startsWith('s3://') || request.options['dryRun'] === true) return undefined
  return { folder, file: join(folder, stateFolderName, `fleet-${runId}`) }
}
