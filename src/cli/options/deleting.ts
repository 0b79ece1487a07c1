import { CrosstrailError } from '../../error.ts'
import { parseDuration } from '../../trail/time.ts'
import type { Selection } from '../../work/selection.ts'
import { refuseContradictions, safetyDefaults, type SafetyLimits } from '../../verbs/delete/options.ts'
import { flag, givenOptions, grouped, single, singleOr, type Values } from '../option.ts'
import { anyText, wrongValue } from '../../config/text-value.ts'
import { wholeNumber } from '../parse-text.ts'
import { filePath, folderPath, s3Url } from '../../config/place-text.ts'
import { defaultJournalDir } from './journal-option.ts'
import { accountId, readSelection, selecting } from './selecting.ts'
import { readVerified, verifiedOptions } from './verified.ts'

const planning = grouped('Deleting', {
  'older-than': single('duration', 'Only logs delivered longer ago than this: 400d. Replaces --until', anyText, {
    typedOnly: true,
    overrides: ['until', 'last'],
  }),
  plan: single('file', 'Where the plan is written. Default: plan-<run>.ndjson beside the journals', filePath),
  'archived-in': single(
    's3://bucket/prefix',
    'Only logs that have an identical copy there, by size and checksum',
    s3Url(() => 'an archive in a folder is named with --archived-dir'),
  ),
  'archived-dir': single(
    'folder',
    'Only logs that have an identical copy in this download folder, by size and checksum',
    folderPath(() => 'an archive in a bucket is named with --archived-in'),
  ),
  'archived-owner': single(
    'id',
    "The account that must own the bucket of --archived-in. Default: the trail's owner",
    accountId,
  ),
  versions: flag(
    'Permanently delete all versions of each key instead of adding a delete marker. This cannot be undone',
    { typedOnly: true },
  ),
  'bypass-governance': flag('With --versions, also delete objects that are locked in governance mode', {
    typedOnly: true,
  }),
})

export const actingOptions = grouped('Acting', {
  yes: flag('Act without asking. Without this option and without a terminal, nothing is done and the exit code is 4', {
    typedOnly: true,
  }),
  'journal-dir': single('folder', `The folder for journals. Default: ${defaultJournalDir}`, folderPath()),
})

/** The options that a plan contains already. */
export const saidByPlan = { ...planning, ...verifiedOptions, ...selecting }

export const deletingOptions = {
  ...planning,
  ...grouped('Deleting', {
    'from-plan': single('file', 'Delete exactly what this plan names, after checking and showing it', filePath),
  }),
  ...verifiedOptions,
  ...grouped('Safety limits', {
    'max-delete': singleOr(
      'count',
      `Refuse a plan with more deletions than this. Default: ${safetyDefaults.maxDelete}`,
      safetyDefaults.maxDelete,
      wholeNumber(1),
      {
        typedOnly: true,
      },
    ),
    'allow-recent': flag('Allow deletion of logs that are younger than 90 days', { typedOnly: true }),
    'allow-whole-trail': flag('Allow a plan that deletes everything', { typedOnly: true }),
    'break-chain': flag('Allow deletion of newer digests while older ones stay', { typedOnly: true }),
  }),
  ...grouped('Acting', {
    'dry-run': flag('Show the plan and delete nothing. The plan is kept only with --plan'),
  }),
  ...actingOptions,
}

export function readLimits(values: Values<typeof deletingOptions>): SafetyLimits {
  return {
    maxDelete: values['max-delete'],
    allowRecent: values['allow-recent'],
    allowWholeTrail: values['allow-whole-trail'],
    breakChain: values['break-chain'],
  }
}

type SelectingValues = Values<typeof selecting> & Values<typeof deletingOptions>

/** What to plan. Throws `usage.missing-option`, `usage.conflict`, `usage.time`, `usage.window`. */
export function readPlanning(values: SelectingValues, labels: readonly string[], nowMs: number) {
  const options = {
    selection: readDeleteSelection(values, labels, nowMs),
    versions: values.versions,
    bypassGovernance: values['bypass-governance'],
    archivedIn: values['archived-in'],
    archivedOwner: values['archived-owner'],
    archivedDir: values['archived-dir'],
    planFile: values.plan,
    ...readVerified(values),
  }
  refuseContradictions(options)
  return options
}

function readDeleteSelection(values: SelectingValues, labels: readonly string[], nowMs: number): Selection {
  const olderThan = values['older-than']
  if (olderThan === undefined) return readSelection(values, labels, nowMs)
  if (values.until !== undefined || values.last !== undefined) {
    throw new CrosstrailError('usage.conflict', '--older-than does not go together with --until or --last')
  }
  const until = new Date(nowMs - olderMs(olderThan, nowMs)).toISOString()
  return readSelection({ ...values, until }, labels, nowMs)
}

function olderMs(text: string, nowMs: number): number {
  const durationMs = parseDuration(text)
  if (durationMs > 0 && durationMs < nowMs) return durationMs
  throw wrongValue('--older-than', text, 'a duration like 400d')
}

/** Throws `usage.conflict` for options that the plan contains already. */
export function refuseBesidePlan(values: SelectingValues, labels: readonly string[]): void {
  const given = givenOptions(values, Object.keys(saidByPlan))
  if (labels.length === 0 && given.length === 0) return
  const [first] = given
  const message = `--from-plan does not go together with ${first === undefined ? 'accounts' : `--${first}`}`
  throw new CrosstrailError('usage.conflict', message, {
    hint: 'the plan already says what to delete, through which account and how',
  })
}
