import { expect, test } from 'vitest'
import { journalFolder } from '../../src/verbs/journal-folder.ts'

test('prefers the folder that is named', () => {
  expect(journalFolder('./journals', { XDG_STATE_HOME: '/var/state' })).toBe('./journals')
  expect(journalFolder(undefined, { XDG_STATE_HOME: '/var/state' })).toBe('/var/state/crosstrail')
})

test('asks for --journal-dir if no folder is named and there is no home folder', () => {
  expect(() => journalFolder(undefined, { HOME: 'relative' })).toThrow(
    expect.objectContaining({ code: 'usage.missing-option', hint: expect.stringContaining('--journal-dir <folder>') }),
  )
})
