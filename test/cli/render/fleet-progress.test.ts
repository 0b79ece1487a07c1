import { expect, test } from 'vitest'
import { FleetProgress } from '../../../src/cli/render/fleet-progress.ts'
import { status } from '../fleet/scripted-fleet.ts'

test('one line with slices, workers, objects and their rate', () => {
  let nowMs = 0
  const progress = new FleetProgress(() => nowMs)
  expect(progress.lines()).toEqual([])
  progress.take(status({ seenObjects: 1000 }))
  expect(progress.lines()).toMatchObject([
    { settled: 12, total: 200, text: 'copy: 12 of 200 slices, 8 active, 180 waiting, 3 workers, 1,000 objects' },
  ])
  nowMs = 2000
  progress.take(status({ seenObjects: 4000, ended: 14, workers: 1, failed: 2, bad: 1 }))
  expect(progress.lines()).toMatchObject([
    {
      settled: 14,
      text: 'copy: 14 of 200 slices, 8 active, 178 waiting, 1 worker, 4,000 objects, 1,500 objects/s, 2 failed, 1 slice with failures',
    },
  ])
})

test('says that no worker is there, and that the run is cancelled', () => {
  const progress = new FleetProgress(() => 0)
  progress.take(status({ workers: 0, active: 0, state: 'cancelled' }))
  expect(progress.lines()[0]?.text).toBe(
    'copy: 12 of 200 slices, 0 active, 188 waiting, no worker, 45,678 objects, cancelled',
  )
})
