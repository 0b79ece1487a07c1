import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shortEventId } from '../../../src/sinks/event-id.ts'
import { Collector } from '../../../src/verbs/events/collector.ts'
import { type FoundRecords, joinLines, linesOf } from '../../../src/verbs/events/found-records.ts'
import type { DoneOutcome } from '../../../src/work/outcome.ts'
import type { RunEvent } from '../../../src/work/run-event.ts'

function outcome(
  ids: readonly string[],
  { records = ids.length, unreadable = [] as readonly { at: number; why: string }[] } = {},
): DoneOutcome {
  const found: FoundRecords | undefined =
    ids.length === 0
      ? undefined
      : {
          log: { file: 'f' },
          count: ids.length,
          ids: Buffer.concat(ids.map((id) => (id === '' ? Buffer.alloc(16) : shortEventId(id)))),
          timesMs: Float64Array.from(ids, () => 0),
          ...joinLines(ids.map((id) => Buffer.from(`${id}\n`))),
        }
  const object = { key: 'f', sizeBytes: 0, etag: '', lastModifiedMs: 0, storageClass: 'STANDARD' }
  return { status: 'done', account: 'Z', object, bytes: 0, found: { records, found, unreadable } }
}

test('counts add up, and each record is handed out once, up to the limit', () => {
  const logs = fc.array(fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', ''), { maxLength: 6 }), { maxLength: 6 })
  fc.assert(
    fc.property(
      logs,
      fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined }),
      fc.boolean(),
      (all, limit, unique) => {
        const handed: string[] = []
        let full = 0
        const onFound = (found: FoundRecords) => {
          const lines = [...linesOf(found)].map((line) => Buffer.from(line).toString())
          expect(lines).toHaveLength(found.count)
          handed.push(...lines)
        }
        const collector = new Collector({ unique, limit, onFound }, () => undefined)
        collector.onFull = () => full++
        for (const ids of all) collector.add(outcome(ids))
        const flat = all.flat()
        const wanted = unique ? flat.filter((id, at) => id === '' || flat.indexOf(id) === at) : flat
        expect(handed).toEqual(wanted.slice(0, limit))
        expect(collector.counts).toEqual({
          logs: all.length,
          records: flat.length,
          matched: flat.length,
          duplicates: flat.length - wanted.length,
          unreadable: 0,
          handedOut: handed.length,
        })
        expect({ isFull: collector.isFull, isTold: full > 0 }).toEqual({
          isFull: handed.length >= (limit ?? Infinity),
          isTold: handed.length >= (limit ?? Infinity),
        })
      },
    ),
  )
})

test('unreadable records are counted, and one warning names the log and the first of them', () => {
  const events: RunEvent[] = []
  const collector = new Collector({ unique: true, limit: undefined, onFound: undefined }, (event) => events.push(event))
  collector.add(
    outcome(['a'], {
      records: 3,
      unreadable: [
        { at: 1, why: 'bad' },
        { at: 2, why: 'worse' },
      ],
    }),
  )
  expect(collector.counts).toMatchObject({ records: 3, matched: 1, unreadable: 2 })
  expect(events).toEqual([
    expect.objectContaining({
      type: 'note',
      code: 'events.unreadable-record',
      message: '2 records of f cannot be read, the first of them is record 2: bad',
    }),
  ])
})
