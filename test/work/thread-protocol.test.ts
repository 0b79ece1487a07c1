import { describe, expect, it } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import type { RunEvent } from '../../src/work/run-event.ts'
import { flattenError, flattenEvent, restoreError, restoreEvent } from '../../src/work/thread-protocol.ts'

const object = { key: 'k', sizeBytes: 5, etag: '', lastModifiedMs: 0, storageClass: 'STANDARD' }

describe('what threads pass on', () => {
  it('keeps code, message, hint and facts of an error', () => {
    const error = new CrosstrailError('object.gone', 'gone', { hint: 'look', facts: { status: 404 } })
    const restored = restoreError(structuredClone(flattenError(error)))
    expect(restored).toBeInstanceOf(CrosstrailError)
    expect(restored).toMatchObject({ code: 'object.gone', message: 'gone', hint: 'look', facts: { status: 404 } })
  })

  it('keeps a bug a bug, with its stack', () => {
    const restored = restoreError(structuredClone(flattenError(new TypeError('oops'))))
    expect(restored).not.toBeInstanceOf(CrosstrailError)
    expect(restored.stack).toContain('thread-protocol.test')
  })

  it('passes an error whose cause cannot be cloned', () => {
    const error = new CrosstrailError('object.gone', 'gone', { cause: { socket: () => undefined } })
    const event: RunEvent = { type: 'outcome', outcome: { status: 'failed', account: 'B', object, error } }
    expect(restoreEvent(structuredClone(flattenEvent(event)))).toMatchObject({
      outcome: { error: { code: 'object.gone' } },
    })
  })

  it('keeps a failed outcome whole', () => {
    const event: RunEvent = {
      type: 'outcome',
      outcome: { status: 'failed', account: 'B', object, error: new CrosstrailError('object.gone', 'gone') },
    }
    const restored = restoreEvent(structuredClone(flattenEvent(event)))
    expect(restored).toMatchObject({
      type: 'outcome',
      outcome: { status: 'failed', object, error: { code: 'object.gone' } },
    })
  })
})
