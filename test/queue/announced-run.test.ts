import { expect, onTestFinished, test } from 'vitest'
import { announcementShapes } from '../../src/lab/sqs/announcement-body.ts'
import type { FaultRule } from '../../src/lab/faults.ts'
import { readAnnouncement } from '../../src/queue/announced.ts'
import { queueWorld } from './queue-world.ts'

const operations = ['ReceiveMessage', 'DeleteMessageBatch', 'ChangeMessageVisibilityBatch']
const rules: readonly FaultRule[] = [
  { fault: 'resetBeforeHeaders', probability: 0.05, operations },
  { fault: 'shortBody', probability: 0.05, operations },
  { fault: 'emptyBody', probability: 0.05, operations },
  { fault: { status: 500, code: 'InternalError', message: 'x' }, probability: 0.05, operations },
  { fault: { status: 400, code: 'ThrottlingException', message: 'x' }, probability: 0.05, operations },
  { fault: 'keyErrorInside200', probability: 0.1, operations: ['DeleteMessageBatch'] },
  { fault: 'unansweredKeys', probability: 0.1, operations: ['DeleteMessageBatch'] },
]

test.each(announcementShapes)(
  '%s: each key arrives, and the queue is empty at the end, whatever calls fail and however often and late messages come',
  async (shape) => {
    let now = Date.now()
    const { lab, queue, client } = await queueWorld({}, { now: () => now, seed: 11 })
    const announcing = lab.announce({
      queue,
      shape,
      duplicateRate: 0.2,
      shuffle: true,
      delayMs: [0, 60_000],
      objectsPerMessage: 3,
    })
    onTestFinished(() => announcing.stop())
    const keys = Array.from({ length: 60 }, (_, index) => `AWSLogs/${index} + ü.json.gz`)
    for (const key of keys) lab.bucket().put(key, 'x')
    announcing.flush()
    lab.setFaults({ rules })
    const seen = new Set<string>()
    const { signal } = new AbortController()
    for (let idle = 0; idle < 6;) {
      const messages = await client.receive({ max: 10, visibilitySeconds: 30, waitSeconds: 0 }, signal)
      // Messages of a lost answer become visible again, and late ones arrive.
      now += 10_000
      idle = messages.length === 0 ? idle + 1 : 0
      for (const { body } of messages) {
        const read = readAnnouncement(body)
        if (read.type === 'logs') for (const { bucket, key } of read.objects) seen.add(`${bucket}/${key}`)
        else expect(read).toEqual({ type: 'test', shape })
      }
      // What cannot be deleted is received again.
      await client.delete(messages.map(({ receipt }) => receipt))
    }
    expect([...seen].sort()).toEqual(keys.map((key) => `example-cloudtrail-logs/${key}`).sort())
    expect(queue.bodies).toEqual([])
  },
)
