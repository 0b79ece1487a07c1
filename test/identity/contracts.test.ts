import { expectTypeOf, test } from 'vitest'

import type { Account } from '../../src/config/config.ts'
import type { SessionAccount } from '../../src/identity/session-account.ts'
import type { SessionNote, Session } from '../../src/identity/session.ts'
import type { KeySource } from '../../src/s3/key-source.ts'
import type { RunEvent } from '../../src/work/run-event.ts'

test('an account of the config has the type that a session needs', () => {
  expectTypeOf<Account>().toExtend<SessionAccount>()
})

test("a session has the type of a bucket's key source", () => {
  expectTypeOf<Session>().toExtend<KeySource>()
})

test("a session's note has the type of a run's note", () => {
  expectTypeOf<SessionNote & { type: 'note' }>().toExtend<RunEvent>()
})
