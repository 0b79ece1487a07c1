import type { RunListener } from '../../work/run-event.ts'
import { type JournalledRun, withJournal } from '../run-journal.ts'
import { findingFacts } from './evidence-report.ts'
import type { VerifyOptions } from './options.ts'
import type { VerifyReport } from './report.ts'

/** Verifies with the options and the listener that `verifying` gets, and keeps outcomes and findings in a journal, if one is asked for. */
export function journalled(
  options: VerifyOptions,
  where: Pick<JournalledRun, 'env' | 'nowMs' | 'trail' | 'journal'>,
  listener: RunListener,
  verifying: (options: VerifyOptions, listener: RunListener) => Promise<VerifyReport>,
): Promise<VerifyReport> {
  const { selection, dirs, journalDir, movedFrom, onResult } = options
  const run = { ...where, verb: 'verify', selection, dirs, journalDir, options: { movedFrom } } as const
  return withJournal(run, listener, (hearing, journal) =>
    verifying(
      journal === undefined
        ? options
        : {
            ...options,
            onResult(result) {
              if (result.type === 'finding') journal.note({ type: 'finding', ...findingFacts(result.finding) })
              onResult?.(result)
            },
          },
      hearing,
    ),
  )
}
