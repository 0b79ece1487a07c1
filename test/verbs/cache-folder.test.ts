import { expect, test } from 'vitest'
import { cacheFolder } from '../../src/verbs/cache-folder.ts'

test.each([
  [{}, 'linux', '/home/ana/.cache/crosstrail'],
  [{ XDG_CACHE_HOME: '/var/cache' }, 'linux', '/var/cache/crosstrail'],
  [{ XDG_CACHE_HOME: 'relative' }, 'linux', '/home/ana/.cache/crosstrail'],
  [{ XDG_CACHE_HOME: '' }, 'darwin', '/home/ana/.cache/crosstrail'],
  [{ LOCALAPPDATA: 'C:\\Users\\ana\\AppData\\Local' }, 'win32', 'C:\\Users\\ana\\AppData\\Local\\crosstrail'],
] as const)('with %j on %s uses %s', (env, platform, folder) => {
  expect(cacheFolder(env, '/home/ana', platform)).toBe(folder)
})
