import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { refuseLine, unitsFolder } from './unit-files.ts'

const lines = readFileSync(join(unitsFolder, 'cron/crosstrail'), 'utf8').split('\n')
const jobs = lines.filter((line) => line !== '' && !line.startsWith('#') && !/^[A-Z_]+=/.test(line))

test('the cron line has five fields, a user other than root, and a command that crosstrail accepts', async () => {
  expect(jobs).toHaveLength(1)
  const [, schedule, user, line] =
    /^((?:[\d*/,-]+ ){5})(\w+) \/usr\/local\/bin\/crosstrail (.+)$/.exec(jobs[0] ?? '') ?? []
  expect({ schedule, user }).toEqual({ schedule: '*/5 * * * * ', user: 'crosstrail' })
  expect(await refuseLine((line ?? '').split(' '))).toBeUndefined()
})

test('the line has no percent sign, which cron would read as a line end', () => {
  expect(jobs.filter((line) => line.includes('%'))).toEqual([])
})

test('the file ends with a line end, because cron ignores an incomplete last line', () => {
  expect(lines.at(-1)).toBe('')
})
