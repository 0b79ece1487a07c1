import { expect, test } from 'vitest'
import { runCli } from '../host.ts'

test.each(['bash', 'zsh', 'fish'])('the script for %s is printed whole and alone', async (shell) => {
  const { stdout, stderr, code } = await runCli(`completion ${shell}`)
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  expect(stdout).toContain(`crosstrail --complete ${shell} `)
  expect(stdout.endsWith('\n')).toBe(true)
  expect(await runCli('completion', { env: { SHELL: `/usr/bin/${shell}` } })).toMatchObject({ stdout })
})

test('the shell that is named wins over SHELL', async () => {
  const { stdout } = await runCli('completion zsh', { env: { SHELL: '/bin/bash' } })
  expect(stdout).toContain('#compdef crosstrail')
})

test.each([{}, { SHELL: '/bin/tcsh' }])('with the environment %j a shell must be named', async (env) => {
  const { code, stderr } = await runCli('completion', { env })
  expect(code).toBe(2)
  expect(stderr).toContain('completion needs the name of a shell, because SHELL is not bash, zsh or fish')
  expect(stderr).toContain('crosstrail completion bash')
})
