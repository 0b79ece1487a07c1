import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { processKeys } from '../../src/identity/process-source.ts'
import { caught, everythingOf } from './caught.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crosstrail-process-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A command that prints `output` and exits with `code`. */
async function printing(output: unknown, code = 0): Promise<string> {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.mjs`)
  const text = typeof output === 'string' ? output : JSON.stringify(output)
  await writeFile(file, `process.stdout.write(${JSON.stringify(text)}); process.exitCode = ${code}`)
  return `"${process.execPath}" "${file}"`
}

const answer = { Version: 1, AccessKeyId: 'ASIA1', SecretAccessKey: 'very-secret-value', SessionToken: 'very-token' }

test('returns the keys that a command prints', async () => {
  const command = await printing({ ...answer, Expiration: '2030-01-01T00:00:00Z' })
  expect(await processKeys(command, 'B')).toEqual({
    accessKeyId: 'ASIA1',
    secretAccessKey: 'very-secret-value',
    sessionToken: 'very-token',
    expiresAtMs: Date.UTC(2030, 0, 1),
  })
})

test('long-lived keys have neither a token nor an expiry', async () => {
  const keys = await processKeys(await printing({ Version: 1, AccessKeyId: 'AKIA1', SecretAccessKey: 's' }), 'B')
  expect([keys.sessionToken, keys.expiresAtMs]).toEqual([undefined, undefined])
})

test('the shell runs the command, as it does for the AWS tools', async () => {
  const command = await printing(answer)
  expect((await processKeys(`true && ${command}`, 'B')).accessKeyId).toBe('ASIA1')
})

test.each([
  ['no JSON', 'very-secret-value {', 'did not print a JSON object'],
  ['null', 'null', 'did not print a JSON object'],
  ['another version', { ...answer, Version: 2 }, 'a Version other than 1'],
  ['no secret key', { ...answer, SecretAccessKey: undefined }, 'no SecretAccessKey'],
  ['an empty key', { ...answer, AccessKeyId: '' }, 'no AccessKeyId'],
  ['an expiry that is not a time', { ...answer, Expiration: 'soon' }, 'Expiration that is not a time'],
])('rejects %s and shows no part of the output', async (_, output, message) => {
  const error = await caught(processKeys(await printing(output), 'B'))
  expect(error).toMatchObject({ code: 'access.process-failed', message: expect.stringContaining(message) })
  expect(everythingOf(error)).not.toMatch(/very-secret-value|very-token/)
})

test('the error of a command that fails contains its exit code, but neither its arguments nor its stderr', async () => {
  const error = await caught(processKeys('sh -c "echo very-secret-value >&2; exit 7" --password=hunter2', 'B'))
  expect(error).toMatchObject({
    code: 'access.process-failed',
    message: 'the credential process sh of account B ended with 7',
  })
  expect(everythingOf(error)).not.toMatch(/very-secret-value|hunter2/)
})

test('the error does not contain a token before the command', async () => {
  const error = await caught(processKeys('VAULT_TOKEN=hvs.Super false', 'B'))
  expect(error.code).toBe('access.process-failed')
  expect(everythingOf(error)).not.toContain('hvs')
})

test('an abort ends the command', async () => {
  const error = await caught(processKeys('sleep 30', 'B', AbortSignal.timeout(50)))
  expect(error.code).toBe('interrupted')
})
