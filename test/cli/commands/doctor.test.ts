import { expect, test } from 'vitest'
import type { CrosstrailApp } from '../../../src/app/crosstrail.ts'
import type { DoctorStep } from '../../../src/verbs/doctor/step.ts'
import { scripted } from '../fixture.ts'
import { runCli } from '../host.ts'

function step(account: string, changes: Partial<DoctorStep> = {}): DoctorStep {
  return { account, step: 'role', status: 'ok', message: 'assumed', facts: {}, fixes: [], ...changes }
}

async function run(line: string, steps: readonly DoctorStep[], env: Record<string, string> = {}) {
  const { open, asked } = scripted([])
  let request: Parameters<CrosstrailApp['doctor']>[0]
  const result = await runCli(line, {
    env,
    services: async (opening) => {
      const services: CrosstrailApp = {
        ...(await open(opening)),
        doctor: (asking = {}) => {
          request = asking
          for (const one of steps) asking.onStep?.(one)
          const labels = [...new Set(steps.map(({ account }) => account))]
          for (const label of labels) asking.onDone?.(label)
          return Promise.resolve(
            labels.map((account) => {
              const own = steps.filter((one) => one.account === account)
              return { account, steps: own, getsIn: own.every(({ status }) => status !== 'failed') }
            }),
          )
        },
      }
      return services
    },
  })
  return { ...result, request, asked }
}

test('prints accounts one after the other, in the order of the config', async () => {
  const { stdout, code } = await run('doctor', [step('Z'), step('B', { status: 'skipped', message: 'not known' })])
  expect(code).toBe(0)
  expect(stdout).toBe('B\n  – role         not known\n\nZ\n  ✓ role         assumed\n')
})

test('marks are ASCII if the locale is not UTF-8', async () => {
  const { stdout } = await run('doctor B', [step('B')], { LANG: 'C' })
  expect(stdout).toBe('B\n  + role         assumed\n')
})

test('exits with 3 if an account failed, and names it at the end', async () => {
  const { code, stderr } = await run('doctor', [step('B', { status: 'failed' }), step('Z', { status: 'warning' })])
  expect({ code, stderr }).toEqual({ code: 3, stderr: '1 of 2 accounts failed: B\n' })
})

test('JSON has a line for each step, as it comes', async () => {
  const { stdout } = await run('doctor --output json', [step('Z'), step('B')])
  expect(
    stdout
      .split('\n')
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as DoctorStep).account),
  ).toEqual(['Z', 'B'])
})

test('CSV has a title', async () => {
  const { stdout } = await run('doctor --output csv', [step('B')])
  expect(stdout).toBe('account,step,status,message,code,tried,answer,sides,fixes\nB,role,ok,assumed,,,,,\n')
})

test('makes three attempts by default', async () => {
  expect((await run('doctor', [])).asked.open?.maxAttempts).toBe(3)
  expect((await run('doctor --max-attempts 7', [])).asked.open?.maxAttempts).toBe(7)
})

test('passes all options to the verb', async () => {
  const { request, asked } = await run('doctor Z --to s3://archive/x --to-owner 444444444444 --no-session-policy', [])
  expect(request).toMatchObject({
    accounts: ['Z'],
    to: 's3://archive/x',
    toOwner: '444444444444',
  })
  expect(asked.open?.sessionPolicy).toBe(false)
})

test('CROSSTRAIL_TO does not set the copy destination', async () => {
  const { request } = await run('doctor', [], { CROSSTRAIL_TO: '/var/logs', CROSSTRAIL_COPIES_TO: 's3://archive' })
  expect(request?.to).toBe('s3://archive')
})
