import { describe, expect, it } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import type { Outcome, SkipReason } from '../../src/work/outcome.ts'
import { addTallies, TallyCounter } from '../../src/work/tally.ts'

const object = { key: 'k', sizeBytes: 5, etag: '', lastModifiedMs: 0, storageClass: 'STANDARD' }
const done: Outcome = { status: 'done', account: 'B', object, bytes: 5 }
const skipped = (reason: SkipReason): Outcome => ({ status: 'skipped', account: 'B', object, reason })
const failed: Outcome = { status: 'failed', account: 'B', object, error: new CrosstrailError('object.gone', 'gone') }

function tallyOf(outcomes: readonly Outcome[]) {
  const counter = new TallyCounter()
  for (const outcome of outcomes) counter.add(outcome)
  return counter.snapshot()
}

describe('a tally', () => {
  it('counts every outcome once, by its status', () => {
    const tally = tallyOf([done, done, skipped('present'), skipped('foreign'), skipped('foreign'), failed])
    expect(tally).toMatchObject({ done: 2, doneBytes: 10, failed: 1, failures: { 'object.gone': 1 } })
    expect(tally.skipped).toMatchObject({ present: 1, foreign: 2, archived: 0 })
  })

  it('of two runs is the sum', () => {
    expect(addTallies([tallyOf([done, failed]), tallyOf([done, failed, skipped('limit')])])).toEqual(
      tallyOf([done, failed, done, failed, skipped('limit')]),
    )
  })

  it('of nothing is zero', () => {
    expect(addTallies([])).toEqual(tallyOf([]))
  })
})
