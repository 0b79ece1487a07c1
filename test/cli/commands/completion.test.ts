import { expect, test, vi } from 'vitest'
import { runCli } from '../host.ts'

test('the script is printed whole and alone', async () => {
  const { stdout, stderr, code } = await runCli('completion')
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  expect(stdout).toMatch(/-begin-crosstrail-completions-[^]*-end-crosstrail-completions-###\n$/)
})

test('the script for fish hands over what stands before the cursor and the word under it', async () => {
  vi.stubEnv('SHELL', '/usr/bin/fish')
  try {
    expect((await runCli('completion')).stdout).toContain(
      '--get-yargs-completions (commandline -opc) (commandline -ct)',
    )
  } finally {
    vi.unstubAllEnvs()
  }
})
