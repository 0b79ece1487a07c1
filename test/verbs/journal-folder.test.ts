import { expect, test } from 'vitest'
import { journalFolder } from '../../src/verbs/journal-folder.ts'

test('the folder that is named wins', () => {
  expect(journalFolder('./journals', { XDG_STATE_HOME: '/var/state' })).toBe('./journals')
  expect(journalFolder(undefined, { XDG_STATE_HOME: '/var/state' })).toBe('/var/state/crosstrail')
})

test('where none is named and there is no home folder --journal-dir is asked for', () => {
  expect(() => journalFolder(undefined, { HOME: 'relative' })).toThrow(
    expect.objectContaining({ code: 'usage.missing-option', hint: expect.stringContaining('--journal-dir <folder>') }),
  )
})
