import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shareConcurrency } from '../../src/work/concurrency.ts'
import { callsWithin } from '../../src/work/open-files.ts'

test('reads the limit on open files of this process', () => {
  const script = `import { openFiles } from ${JSON.stringify(resolve('src/work/open-files.ts'))}\nconsole.log(JSON.stringify(openFiles()))`
  const run = `ulimit -n 300; exec "$0" --import tsx --input-type=module -e '${script}'`
  const said = JSON.parse(execFileSync('bash', ['-c', run, process.execPath], { encoding: 'utf8' })) as unknown
  expect(said).toEqual({ limit: 300, open: expect.any(Number) })
})

test('calls with two files each fit below any limit, and at least one is allowed', () => {
  const small = fc.integer({ min: 0, max: 100 })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      small,
      fc.integer({ min: 1, max: 16 }),
      (limit, open, threads) => {
        const calls = callsWithin({ limit, open }, threads)
        expect(calls).toBeGreaterThanOrEqual(1)
        if (calls > 1) expect(open + 2 * calls).toBeLessThan(limit)
      },
    ),
  )
})

const share = (limit: number | undefined, concurrency?: number) =>
  shareConcurrency({
    concurrency,
    threads: undefined,
    cores: 2,
    openFiles: limit === undefined ? undefined : { limit, open: 24 },
  })

test.each([
  [undefined, undefined, 512, undefined],
  [65_536, undefined, 512, undefined],
  [1024, undefined, 482, undefined],
  [256, undefined, 98, 256],
  [256, 64, 64, undefined],
  [256, 128, 98, 256],
  [1024, 512, 482, 1024],
  [20, undefined, 1, 20],
])(
  'with the limit %j and --concurrency %j there are %i calls, and the reported limit is %j',
  (limit, asked, calls, named) => {
    expect(share(limit, asked)).toMatchObject({ calls, openFilesLimit: named })
  },
)

test('the calls of all threads together fit below the limit', () => {
  for (const limit of [20, 60, 100, 256, 1024]) {
    const { threads, callsPerThread, calls } = share(limit)
    expect(callsPerThread).toBeGreaterThanOrEqual(1)
    expect(threads * callsPerThread).toBeLessThanOrEqual(calls)
  }
})
