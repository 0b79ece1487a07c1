import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Environment } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
let shiftMs = 0

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 1 }, now: () => Date.now() + shiftMs })
})
afterAll(() => world.stop())

const node = process.execPath
const fetching = `
const { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN: authorization } = process.env
const get = async () => (await fetch(url, { headers: { authorization } })).json()
`

test('serves credentials at an endpoint, not in the environment, until the command ends', async () => {
  const script = `${fetching}
    get().then((keys) => process.stdout.write(JSON.stringify({ keys, env: process.env })))`
  const { exitCode, stdout } = await world.run(['exec', 'B', '--server', '--', node, '-e', script])
  expect(exitCode).toBe(0)
  const { keys, env } = JSON.parse(stdout) as { keys: Record<string, string>; env: Record<string, string> }
  expect(keys).toMatchObject({ AccessKeyId: expect.stringMatching(/^ASIA/), Expiration: expect.any(String) })
  expect(world.lab.issuedSecrets()).toEqual(expect.arrayContaining([keys['SecretAccessKey'], keys['Token']]))
  expect(env['AWS_ACCESS_KEY_ID']).toBeUndefined()
  expect(env['AWS_SECRET_ACCESS_KEY']).toBeUndefined()
  expect(env['AWS_CONTAINER_CREDENTIALS_FULL_URI']).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//)
  await expect(fetch(env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] ?? '')).rejects.toThrow()
})

test('refreshes the credentials before they expire', async () => {
  const clock = world.newPath()
  writeFileSync(clock, '0')
  const script = `${fetching}
    let first
    const ask = async () => {
      const { AccessKeyId, Expiration } = await get()
      first ??= AccessKeyId
      process.stdout.write(AccessKeyId + ' ' + Expiration + '\\n')
      if (AccessKeyId !== first) process.exit(0)
      setTimeout(ask, 100)
    }
    ask()`
  const { child, result } = world.start(['exec', 'B', '--server', '--', node, '-e', script], { env: clockIn(clock) })
  child.stdout?.once('data', () => {
    shiftMs = 57 * 60_000
    writeFileSync(clock, String(shiftMs))
  })
  const { exitCode, stdout } = await result
  shiftMs = 0
  expect(exitCode).toBe(0)
  const [last = ''] = stdout.trimEnd().split('\n').slice(-1)
  expect(Date.parse(last.split(' ')[1] ?? '')).toBeGreaterThan(Date.now() + 110 * 60_000)
})

test('serves nothing without its token', async () => {
  const script = `
    fetch(process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI).then(({ status }) => process.exit(status === 401 ? 0 : 9))`
  expect(await world.run(['exec', 'B', '--server', '--', node, '-e', script])).toMatchObject({ exitCode: 0 })
})

/** An environment whose clock is ahead by the milliseconds in a file. */
function clockIn(file: string): Environment {
  const program = `
    import { readFileSync } from 'node:fs'
    const RealDate = Date
    const now = () => RealDate.now() + Number(readFileSync(${JSON.stringify(file)}, 'utf8'))
    globalThis.Date = class Date extends RealDate {
      static now() { return now() }
      constructor(...given) { super(...(given.length === 0 ? [now()] : given)) }
    }`
  return { NODE_OPTIONS: `--import=data:text/javascript;base64,${Buffer.from(program).toString('base64')}` }
}
