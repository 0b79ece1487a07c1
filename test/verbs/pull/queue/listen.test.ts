import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, onTestFinished, test } from 'vitest'
import type { MessageFeed } from '../../../../src/queue/feed-message.ts'
import { AnnouncedLedger } from '../../../../src/verbs/pull/queue/announced-ledger.ts'
import { openPullWorld } from '../pull-world.ts'

/** A feed without messages. */
const emptyFeed: MessageFeed = {
  next: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve([]), { once: true })),
  numbers: () => ({
    received: 0,
    deleted: 0,
    left: new Map(),
    ignored: 0,
    inFlight: 0,
    oldestMs: undefined,
    stuck: new Map(),
  }),
}

test(
  'a pull that listens ends after its time, also if garbage is collected meanwhile',
  { timeout: 20_000 },
  async () => {
    const world = await openPullWorld({ sample: { objects: 3 } })
    onTestFinished(() => world.close())
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const collecting = setInterval(collectGarbage, 50)
    onTestFinished(() => clearInterval(collecting))
    const queue = { feed: emptyFeed, ledger: new AnnouncedLedger(0), foreign: 'leave', maxMissed: 1 } as const
    const startedAt = performance.now()
    await world.pull({ queue: { ...queue, mode: 'listen', forMs: 1500 } })
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1450)
  },
)
