import type { Environment } from '../../config/environment.ts'
import { wrongValue } from '../../config/text-value.ts'
import { CrosstrailError } from '../../error.ts'
import type { Shard } from '../../trail/shard.ts'
import type { Window } from '../../trail/window.ts'
import { folderPath } from '../../config/place-text.ts'
import { grouped, type Option, single } from '../option.ts'
import { demandFixedWork, needsTheWhole, type Sharing } from './fixed-window.ts'
import { defaultJournalDir } from './journal-option.ts'

/** A shard for each log account of a large organization, in each region, is more than anybody needs. */
const mostShards = 100_000

const shardText: Option<Shard | undefined> = {
  group: '',
  value: 'n/count',
  description:
    'Do only this part of the work, counted from 0: --shard 3/16. Other machines do the others. auto reads AWS_BATCH_JOB_ARRAY_INDEX and AWS_BATCH_JOB_ARRAY_SIZE, or JOB_COMPLETION_INDEX and CROSSTRAIL_SHARDS',
  shape: 'single',
  read: ([text] = [], name, env) =>
    text === undefined ? undefined : text === 'auto' ? shardOfJob(name, env) : parseShard(text, name),
}

export const shardOptions = grouped('Selecting', { shard: shardText })

/** For commands that write a journal only for `merge`. */
export const journalOptions = grouped('Output', {
  'journal-dir': single(
    'folder',
    `Write a journal to this folder. A shard always writes one. Default: ${defaultJournalDir}`,
    folderPath(),
  ),
})

function parseShard(text: string, name: string): Shard {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []
  const shard = { index: Number(index), count: Number(count) }
  if (!isShard(shard)) throw wrongValue(name, text, 'a shard like 3/16, counted from 0 to 15, or auto')
  return shard
}

function isShard({ index, count }: Shard): boolean {
  return Number.isInteger(index) && Number.isInteger(count) && index >= 0 && index < count && count <= mostShards
}

/** The variables of an array job of AWS Batch, and of an Indexed Job of Kubernetes, which does not tell how many pods it has. */
const jobVariables = [
  ['AWS_BATCH_JOB_ARRAY_INDEX', 'AWS_BATCH_JOB_ARRAY_SIZE'],
  ['JOB_COMPLETION_INDEX', 'CROSSTRAIL_SHARDS'],
] as const

function shardOfJob(name: string, env: Environment): Shard {
  for (const [index, count] of jobVariables) {
    if (env[index] === undefined || env[index] === '') continue
    const text = `${env[index]}/${env[count] ?? ''}`
    const [, digits, size] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []
    const shard = { index: Number(digits), count: Number(size) }
    if (isShard(shard)) return shard
    throw new CrosstrailError('usage.shard', `${name} is auto, and ${index} and ${count} give no shard: ${text}`, {
      hint: `set ${count} to the number of machines; ${index} counts from 0`,
      facts: { index: env[index], count: env[count] },
    })
  }
  throw new CrosstrailError(
    'usage.shard',
    `${name} is auto, and this is no array job of AWS Batch or Indexed Job of Kubernetes`,
    {
      hint: 'give the shard itself: --shard 3/16',
      facts: { variables: jobVariables.flat().join(' ') },
    },
  )
}

interface Sharded {
  readonly shard?: Shard | undefined
  readonly from?: string | undefined
  readonly until?: string | undefined
}

const sharing: Sharing = {
  option: '--shard',
  refused: [needsTheWhole],
  wrong: (message, hint) => new CrosstrailError('usage.shard', message, { hint, facts: { option: '--shard' } }),
}

/** Returns the shard of a selection. Throws `usage.shard` unless each machine that reads the same command selects the same. */
export function readShard(
  values: Sharded & Readonly<Record<string, unknown>>,
  window: Window,
  nowMs: number,
): Shard | undefined {
  const { shard } = values
  if (shard !== undefined) demandFixedWork(sharing, values, window, nowMs)
  return shard
}
