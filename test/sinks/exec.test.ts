import { expect, test } from 'vitest'
import { rememberKey, rememberWord } from '../../src/secrets/masked-text.ts'
import { execute } from '../../src/sinks/exec.ts'

const token = `token-${'0123456789/+abcdefghij'.repeat(40)}`

test('shows the last output of a failed command without secrets', async () => {
  rememberKey(token)
  rememberWord('135246')
  const said = execute(`echo "denied: ${token} 135246" >&2; exit 3; true`, '/a/log')
  await expect(said).rejects.toMatchObject({
    code: 'object.exec-failed',
    message: 'the command for /a/log ended with 3: denied: ****ghij ****',
  })
})

test('leaves no end of a secret in output that was cut', async () => {
  rememberKey(token)
  const said = execute(`printf '%s %01500d' '${token}' 0 >&2; exit 3; true`, '/a/log')
  await expect(said).rejects.toMatchObject({ message: expect.not.stringContaining('abcdefghij') })
})
