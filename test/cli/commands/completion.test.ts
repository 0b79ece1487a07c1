import { expect, test } from 'vitest'
import { runCli } from '../host.ts'

test.each(['bash', 'zsh', 'fish'])('prints only the complete script for %s', async (shell) => {
  const { stdout, stderr, code } = await runCli(`completion ${shell}`)
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
  expect(stdout).toContain(`crosstrail --complete ${shell} `)
  expect(stdout.endsWith('\n')).toBe(true)
  expect(await runCli('completion', { env: { SHELL: `/usr/bin/${shell}` } })).toMatchObject({ stdout })
})

test('the argument takes precedence over SHELL', async () => {
  const { stdout } = await runCli('completion zsh', { env: { SHELL: '/bin/bash' } })
  expect(stdout).toContain('#compdef crosstrail')
})

test.each([{}, { SHELL: '/bin/tcsh' }])('requires a shell name with the environment %j', async (env) => {
  const { code, stderr } = await runCli('completion', { env })
  expect(code).toBe(2)
  expect(stderr).toContain('completion needs the name of a shell, because SHELL is not bash, zsh or fish')
  expect(stderr).toContain('crosstrail completion bash')
})
