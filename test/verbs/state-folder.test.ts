import { expect, test } from 'vitest'
import { stateFolder } from '../../src/verbs/state-folder.ts'

const homeOfSystem = () => '/home/ana'

test.each([
  [{}, 'linux', '/home/ana/.local/state/crosstrail'],
  [{ HOME: '/home/zoe' }, 'linux', '/home/zoe/.local/state/crosstrail'],
  [{ HOME: '' }, 'darwin', '/home/ana/.local/state/crosstrail'],
  [{ HOME: 'relative' }, 'linux', undefined],
  [{ XDG_STATE_HOME: '/var/state', HOME: '/home/zoe' }, 'linux', '/var/state/crosstrail'],
  [{ XDG_STATE_HOME: 'relative' }, 'linux', '/home/ana/.local/state/crosstrail'],
  [{ XDG_STATE_HOME: '' }, 'darwin', '/home/ana/.local/state/crosstrail'],
  [{ LOCALAPPDATA: 'C:\\Users\\ana\\AppData\\Local' }, 'win32', 'C:\\Users\\ana\\AppData\\Local\\crosstrail\\state'],
] as const)('with %j on %s uses %s', (env, platform, folder) => {
  expect(stateFolder(env, platform, homeOfSystem)).toBe(folder)
})

test('returns undefined for a user without a home folder, unless XDG_STATE_HOME is set', () => {
  const noHome = () => {
    throw new Error('uv_os_homedir returned ENOENT')
  }
  expect(stateFolder({}, 'linux', noHome)).toBeUndefined()
  expect(stateFolder({}, 'win32', noHome)).toBeUndefined()
  expect(stateFolder({ XDG_STATE_HOME: '/var/state' }, 'linux', noHome)).toBe('/var/state/crosstrail')
})
