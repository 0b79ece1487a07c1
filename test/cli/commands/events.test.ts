import { expect, test } from 'vitest'
import { runCli } from '../host.ts'

test.each([
  '--sql select --sql-file x',
  '--sql select --to x',
  '--sql select --fields eventName',
  '--sql select --limit 3',
  '--to x --sort time',
  '--to x --duplicates',
  '--format parquet',
  '--output parquet',
  '--fields eventName --count-by eventName',
  '--print-schema duckdb --sql select',
  '--print-schema duckdb --event-name x',
  'Z --print-schema duckdb',
])('events %s is refused', async (args) => {
  const { code, stdout, stderr } = await runCli(`events ${args}`)
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(/together|needs/) as string,
  })
})
