import { describe, expect, test } from 'vitest'
import { readShard, shardOptions } from '../../../src/cli/options/sharding.ts'
import { parseWindow } from '../../../src/trail/time.ts'
import { errorOf } from '../../config/written.ts'

const nowMs = Date.UTC(2026, 10, 30, 12)
const shard = { index: 3, count: 16 }

function read(text: string, env: Readonly<Record<string, string>> = {}) {
  return shardOptions.shard.read([text], '--shard', env)
}

describe('the text of a shard', () => {
  test('counts from 0', () => {
    expect(read('0/16')).toEqual({ index: 0, count: 16 })
    expect(read('15/16')).toEqual({ index: 15, count: 16 })
    expect(read('0/1')).toEqual({ index: 0, count: 1 })
  })

  test.each(['16/16', '1', '-1/4', '1/0', '1/x', 'x', '1/4/5', ' 1/4', '1/100001'])('%j is refused', (text) => {
    expect(errorOf(() => read(text))).toMatchObject({ code: 'usage.invalid-value' })
  })

  test('auto reads the variables of an array job of AWS Batch', () => {
    expect(read('auto', { AWS_BATCH_JOB_ARRAY_INDEX: '3', AWS_BATCH_JOB_ARRAY_SIZE: '16' })).toEqual(shard)
  })

  test('auto reads the variables of an Indexed Job of Kubernetes', () => {
    expect(read('auto', { JOB_COMPLETION_INDEX: '3', CROSSTRAIL_SHARDS: '16' })).toEqual(shard)
  })

  test.each([
    [{ JOB_COMPLETION_INDEX: '3' }, 'set CROSSTRAIL_SHARDS to the number of machines'],
    [{ JOB_COMPLETION_INDEX: '16', CROSSTRAIL_SHARDS: '16' }, 'set CROSSTRAIL_SHARDS to the number of machines'],
    [{ AWS_BATCH_JOB_ARRAY_INDEX: 'x', AWS_BATCH_JOB_ARRAY_SIZE: '2' }, 'set AWS_BATCH_JOB_ARRAY_SIZE'],
    [{}, 'give the shard itself'],
  ])('auto is refused with %j', (env, hint) => {
    const error = errorOf(() => read('auto', env))
    expect(error).toMatchObject({ code: 'usage.shard' })
    expect(error).toHaveProperty('hint', expect.stringContaining(hint))
  })
})

describe('a shard needs a window that is the same for all machines', () => {
  function check(values: Readonly<Record<string, unknown>> & { from?: string; until?: string; last?: string }) {
    const window = parseWindow({ from: values.from, to: values.until, last: values.last }, nowMs)
    return readShard({ shard, ...values }, window, nowMs)
  }
  const days = { from: '2026-11-01', until: '2026-11-08' }

  test('dates in the past', () => {
    expect(check(days)).toEqual(shard)
    expect(check({ from: '2026-11-01T12:30', until: '2026-11-30T12:00:00Z' })).toEqual(shard)
    expect(readShard({ last: '7d' }, {}, nowMs)).toBeUndefined()
  })

  test.each<[Parameters<typeof check>[0], string]>([
    [{ last: '7d' }, 'does not go together with --last'],
    [{ from: '2026-11-01' }, 'needs --from and --until'],
    [{ until: '2026-11-01' }, 'needs --from and --until'],
    [{}, 'needs --from and --until'],
    [{ from: '7d ago', until: '2026-11-28' }, 'needs a date for --from, and 7d ago depends on the clock'],
    [{ from: '2026-11-01', until: 'now' }, 'needs a date for --until, and now depends on the clock'],
    [{ from: 'yesterday', until: 'today' }, 'needs a date for --from'],
    [{ from: '2026-11-01', until: '2026-12-01' }, 'needs a window that is over'],
    [{ ...days, 'max-objects': 5 }, 'does not go together with --max-objects'],
    [{ ...days, 'max-bytes': 5 }, 'does not go together with --max-bytes'],
    [{ ...days, sort: 'time' }, 'does not go together with --sort'],
    [{ ...days, limit: 5 }, 'does not go together with --limit'],
    [{ ...days, sql: 'select 1' }, 'does not go together with --sql'],
  ])('%j is refused', (values, message) => {
    expect(errorOf(() => check(values))).toMatchObject({
      code: 'usage.shard',
      message: expect.stringContaining(message),
    })
  })
})
