import { CrosstrailError } from '../../error.ts'
import type { DownloadOptions } from './options.ts'

/** Throws `usage.conflict` if a download leaves out logs that it should verify. */
export function refuseUnverifiable({ dryRun, maxObjects, maxBytes }: DownloadOptions): void {
  if (dryRun) throw conflict('--dry-run', 'nothing is downloaded', 'to verify the bucket alone, use the command verify')
  const hint = 'select fewer logs with --from, --until or --region'
  if (maxObjects !== undefined) throw conflict('--max-objects', 'it leaves out logs', hint)
  if (maxBytes !== undefined) throw conflict('--max-bytes', 'it leaves out logs', hint)
}

function conflict(option: string, why: string, hint: string): CrosstrailError {
  return new CrosstrailError('usage.conflict', `--verify cannot be combined with ${option}, because ${why}`, {
    hint,
    facts: { option },
  })
}
