import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import type { FleetRequest } from '../../src/fleet/format.ts'
import { SliceJournal } from '../../src/fleet/slice-journal.ts'
import { WorkerJournals } from '../../src/fleet/worker-journals.ts'
import { mergeJournals } from '../../src/verbs/merge/merge.ts'
import type { Outcome } from '../../src/work/outcome.ts'
import { everything } from '../../src/work/selection.ts'
import { addTallies } from '../../src/work/tally.ts'
import { codeOfAsync } from '../disk/error-code.ts'
import { tempFolder } from '../disk/temp-folder.ts'

const nothing = addTallies([])
const request: FleetRequest = { verb: 'copy', options: { to: 's3://b/p' }, selection: everything }

function object(key: string) {
  return { key, sizeBytes: 7, etag: 'e', lastModifiedMs: 0, storageClass: 'STANDARD' }
}

function failure(key: string, message = 'gone'): Outcome {
  return { status: 'failed', account: 'Z', object: object(key), error: new CrosstrailError('object.gone', message) }
}

function linesOf(file: string | undefined): Record<string, unknown>[] {
  const text = readFileSync(file ?? '', 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('the result of a slice', () => {
  test('counts outcomes and findings, and has the lines of failures and findings', () => {
    const journal = new SliceJournal('s', undefined)
    journal.add({ status: 'done', account: 'Z', object: object('a'), bytes: 7 })
    journal.add({ status: 'skipped', account: 'Z', object: object('b'), reason: 'present' })
    journal.add(failure('c'))
    journal.note({ type: 'finding', code: 'verify.log-missing', key: 'd' })
    journal.close(nothing, false, { Z: 'access.list-denied' })
    const { tally, ...rest } = journal.result()
    expect(tally).toMatchObject({ done: 1, doneBytes: 7, failed: 1, failures: { 'object.gone': 1 } })
    expect(tally.skipped.present).toBe(1)
    expect(rest).toEqual({
      interrupted: false,
      stopped: { Z: 'access.list-denied' },
      findings: { 'verify.log-missing': 1 },
      lines: [
        {
          status: 'failed',
          account: 'Z',
          key: 'c',
          sizeBytes: 7,
          etag: 'e',
          code: 'object.gone',
          message: 'gone',
        },
        { type: 'finding', code: 'verify.log-missing', key: 'd' },
      ],
      omittedLines: 0,
    })
  })

  test.each([
    ['1,000 lines', 'short', 1000],
    ['256 KB', 'x'.repeat(10_000), 26],
  ])('has at most %s, and the worker has all of them', (_limit, message, kept) => {
    const journals = new WorkerJournals(tempFolder(), 'w')
    const journal = new SliceJournal('s', journals.take('r', request))
    for (let at = 0; at < 1200; at++) journal.add(failure(`k${at}`, message))
    journal.note({ type: 'finding', code: 'verify.log-missing' })
    journal.close(nothing, false)
    const { lines, omittedLines, tally, findings } = journal.result()
    expect(tally.failed).toBe(1200)
    expect(findings).toEqual({ 'verify.log-missing': 1 })
    expect(lines.filter(({ status }) => status === 'failed').length).toBeGreaterThanOrEqual(kept - 2)
    expect(lines.length).toBeLessThanOrEqual(kept)
    expect(lines.length + omittedLines).toBe(1201)
    expect(linesOf(journal.file).filter(({ status }) => status === 'failed')).toHaveLength(1200)
    journals.close()
  })
})

describe('the journal of a worker', () => {
  test('is complete when a slice has ended, also while others run', () => {
    const journals = new WorkerJournals(tempFolder(), 'host/1')
    const [one, two] = [
      new SliceJournal('one', journals.take('r', request)),
      new SliceJournal('two', journals.take('r', request)),
    ]
    one.add(failure('a'))
    two.add(failure('b'))
    one.close(nothing, true)
    expect(one.file).toBe(two.file)
    expect(one.file).toContain('/fleet-r-host_1-')
    expect(linesOf(one.file).map(({ slice, key, interrupted }) => [slice, key, interrupted])).toEqual([
      [undefined, undefined, undefined],
      ['one', 'a', undefined],
      ['two', 'b', undefined],
      ['one', undefined, true],
    ])
    journals.close()
  })

  test('is one file for each run, and only some stay open', () => {
    const journals = new WorkerJournals(tempFolder(), 'w')
    const first = journals.take('run-0', request)
    for (let run = 1; run < 40; run++) {
      journals.take(`run-${run}`, request)
      journals.release(`run-${run}`)
    }
    new SliceJournal('s', first).close(nothing, false)
    expect(linesOf(first.file)).toHaveLength(2)
    expect(journals.take('run-0', request)).toBe(first)
    expect(journals.take('run-1', request).file).toContain('fleet-run-1-w-')
    journals.close()
  })

  test('does not count in merge: its slices are in the journal of the submitter', async () => {
    const folder = tempFolder()
    const journals = new WorkerJournals(folder, 'w')
    const { file } = journals.take('r', request)
    journals.close()
    expect(await codeOfAsync(() => mergeJournals({ files: [file] }))).toBe('usage.not-a-journal')
    await expect(mergeJournals({ files: [file] })).rejects.toThrow('is a journal of a run with --fleet')
    await expect(mergeJournals({ files: [folder] })).rejects.toThrow(`there is no journal in ${join(folder)}`)
  })
})
