import { copy } from '../verbs/copy/copy.ts'
import { type CopyJob, openCopy } from '../sinks/bucket/copying.ts'
import type { RunListener, RunReport } from '../work/run-event.ts'
import { copyEnds } from './copy-ends.ts'
import type { Environment } from '../cli/command.ts'
import type { CopyRequest } from './services.ts'
import { journalFolder } from './journal-folder.ts'
import { type Context, verbHost } from './verb-hosts.ts'

interface RunHead {
  readonly runId: string
  readonly about: Readonly<Record<string, unknown>>
}

/** Builds what copying needs, and copies. */
export async function runCopy(
  context: Context,
  { whenWritable, ...asked }: CopyRequest,
  listener: RunListener,
  { env, ...head }: RunHead & { readonly env: Environment },
): Promise<RunReport> {
  // Before any call, and not for a dry run, which leaves no journal
  const journalDir = asked.dryRun ? undefined : journalFolder(asked.journalDir, env)
  const { toAccount, toOwner: _toOwner, toRegion: _toRegion, ...request } = asked
  const { to, place, scope, openWriter, onOpened, sidesOf } = copyEnds(context, asked, listener)
  const host = verbHost<CopyJob>(context, {
    scope: { ...scope, thaw: asked.thaw !== undefined },
    selection: asked.selection,
    listener,
    whenWritable,
    onOpened,
    openAction: (job, frame) => openCopy(job, sidesOf, frame),
  })
  await openWriter()
  const { bucket, owner, region } = place
  const target = { bucket, owner, region, account: toAccount }
  return copy({ ...request, journalDir, to, runId: head.runId, about: { ...head.about, target } }, host)
}
