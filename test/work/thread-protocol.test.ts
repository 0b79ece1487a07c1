import { describe, expect, it } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import { rememberKey } from '../../src/secrets/masked-text.ts'
import type { Outcome } from '../../src/work/outcome.ts'
import { flattenError, flattenOutcome, restoreError, restoreOutcome } from '../../src/work/thread-protocol.ts'
import { logObject } from './log-object.ts'

const object = logObject('k')

describe('the messages between threads', () => {
  it('keep code, message, hint and facts of an error', () => {
    const error = new CrosstrailError('object.gone', 'gone', { hint: 'look', facts: { status: 404 } })
    const restored = restoreError(structuredClone(flattenError(error)))
    expect(restored).toBeInstanceOf(CrosstrailError)
    expect(restored).toMatchObject({ code: 'object.gone', message: 'gone', hint: 'look', facts: { status: 404 } })
  })

  it('keep a bug a bug, with its stack', () => {
    const restored = restoreError(structuredClone(flattenError(new TypeError('oops'))))
    expect(restored).not.toBeInstanceOf(CrosstrailError)
    expect(restored.stack).toContain('thread-protocol.test')
  })

  it.each([
    new CrosstrailError('object.gone', 'got token-of-a-thread', { facts: { requestId: 'token-of-a-thread' } }),
    new TypeError('got token-of-a-thread'),
  ])('mask secrets that the thread did not know in %s', (error) => {
    rememberKey('token-of-a-thread')
    const restored = restoreError(structuredClone(flattenError(error)))
    expect(`${JSON.stringify(restored)} ${restored.message} ${restored.stack}`).not.toContain('token-of-a-thread')
  })

  it('pass on an error whose cause cannot be cloned', () => {
    const error = new CrosstrailError('object.gone', 'gone', { cause: { socket: () => undefined } })
    expect(passed({ status: 'failed', account: 'B', object, error })).toMatchObject({ error: { code: 'object.gone' } })
  })

  it.each<Outcome>([
    { status: 'done', account: 'B', object, bytes: 5, detail: { path: 'a/b', writtenBytes: 7 } },
    { status: 'skipped', account: 'B', object, reason: 'present', detail: undefined },
  ])('keep an outcome and its object unchanged: $status', (outcome) => {
    const restored = passed(outcome)
    expect(restored).toEqual(outcome)
    expect(restored.object).toBe(object)
  })
})

function passed(outcome: Outcome): Outcome {
  return restoreOutcome(structuredClone(flattenOutcome(outcome)), outcome.account, object)
}
