import { expect, test } from 'vitest'
import { runCli } from '../host.ts'

test('the script is printed whole and alone', async () => {
  const { stdout, stderr, code } = await runCli('completion')
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  expect(stdout).toMatch(/-begin-crosstrail-completions-[^]*-end-crosstrail-completions-###\n$/)
})
