import { describe, expect, test } from 'vitest'
import type { MachineFacts, ProgramFacts, SetUpFacts } from '../../../src/verbs/doctor/self/facts.ts'
import { machineSteps } from '../../../src/verbs/doctor/self/machine-steps.ts'
import type { SelfStep, SelfStepName } from '../../../src/verbs/doctor/self/self-step.ts'
import { setUpSteps } from '../../../src/verbs/doctor/self/set-up-steps.ts'

const program: ProgramFacts = {
  version: '1.2.3',
  installed: 'npm',
  parts: [
    { name: 'bullmq', adds: 'queues', version: '6.7.0', problem: undefined },
    { name: 'ioredis', adds: 'queues', version: undefined, problem: undefined },
  ],
  optionVariables: new Set(['CROSSTRAIL_CONFIG', 'CROSSTRAIL_REGION']),
  terminal: { stdout: false, stderr: true, columns: undefined },
}

const machine: MachineFacts = {
  node: '20.19.0',
  platform: 'linux',
  arch: 'x64',
  release: '6.1.0',
  glibc: '2.36',
  cores: { present: 8, usable: 4, quota: undefined },
  memory: { total: 16e9, free: 8e9, limit: undefined, heap: 4e9 },
  files: { own: { limit: 65_536, open: 24 }, hard: 1_048_576 },
  clock: {
    nowMs: Date.UTC(2026, 10, 1, 12),
    offsetMinutes: -210,
    zone: 'America/St_Johns',
    jumpMs: 0.2,
    isMonotonic: true,
    isSynchronised: undefined,
  },
}

const setUp: SetUpFacts = {
  env: {},
  certificates: [],
  folders: [{ name: 'temp', path: '/tmp', exists: true, errno: undefined, freeBytes: 5e9 }],
  config: {
    path: '~/crosstrail.yaml',
    found: 'in the current folder',
    mode: '0600',
    owner: 'you',
    accounts: 3,
    unusable: 0,
    problem: undefined,
    errors: undefined,
  },
}

function machineStep(name: SelfStepName, changes: Partial<MachineFacts>, about: Partial<ProgramFacts> = {}): SelfStep {
  return named(machineSteps({ ...program, ...about }, { ...machine, ...changes }), name)
}

function setUpStep(name: SelfStepName, changes: Partial<SetUpFacts>, about: Partial<ProgramFacts> = {}): SelfStep {
  return named(setUpSteps({ ...program, ...about }, { ...setUp, ...changes }), name)
}

function named(steps: readonly SelfStep[], name: SelfStepName): SelfStep {
  const step = steps.find((one) => one.step === name)
  if (step === undefined) throw new Error(`there is no step ${name}`)
  return step
}

test('a usual machine and set-up have no problem', () => {
  const steps = [...machineSteps(program, machine), ...setUpSteps(program, setUp)]
  expect(steps.filter(({ status }) => status !== 'ok')).toEqual([])
  expect(steps.map(({ step }) => step)).toEqual([
    'crosstrail',
    'node',
    'system',
    'parts',
    'cores',
    'memory',
    'files',
    'clock',
    'proxy',
    'config',
    'environment',
    'folders',
    'terminal',
  ])
})

describe.each<[string, SelfStep, SelfStep['status']]>([
  ['Node 20.18', machineStep('node', { node: '20.18.3' }), 'failed'],
  ['Node 20.19', machineStep('node', { node: '20.19.0' }), 'ok'],
  ['Node 21', machineStep('node', { node: '21.7.0' }), 'failed'],
  ['Node 22.11', machineStep('node', { node: '22.11.0' }), 'failed'],
  ['Node 22.12', machineStep('node', { node: '22.12.0' }), 'ok'],
  ['Node 24', machineStep('node', { node: '24.0.0' }), 'ok'],
  ['macOS', machineStep('system', { platform: 'darwin', glibc: undefined }), 'warning'],
  ['Linux on ARM', machineStep('system', { arch: 'arm64' }), 'warning'],
  ['Linux without glibc', machineStep('system', { glibc: undefined }), 'warning'],
  ['half a core', machineStep('cores', { cores: { present: 8, usable: 8, quota: 0.5 } }), 'warning'],
  ['a group of 256 MiB', machineStep('memory', { memory: { ...machine.memory, limit: 268_435_456 } }), 'warning'],
  ['a group of 128 MiB', machineStep('memory', { memory: { ...machine.memory, limit: 134_217_728 } }), 'failed'],
  ['4096 open files', machineStep('files', { files: { own: { limit: 4096, open: 24 }, hard: 4096 } }), 'ok'],
  ['256 open files', machineStep('files', { files: { own: { limit: 256, open: 24 }, hard: 256 } }), 'warning'],
  ['64 open files', machineStep('files', { files: { own: { limit: 64, open: 24 }, hard: 64 } }), 'failed'],
  ['no limit of open files', machineStep('files', { files: { own: undefined, hard: undefined } }), 'ok'],
  ['a clock of 1970', machineStep('clock', { clock: { ...machine.clock, nowMs: 1000 } }), 'failed'],
  ['a clock that jumped', machineStep('clock', { clock: { ...machine.clock, jumpMs: -3_600_000 } }), 'failed'],
  ['a stopped clock', machineStep('clock', { clock: { ...machine.clock, isMonotonic: false } }), 'failed'],
  ['a config that is invalid', setUpStep('config', configWith({ problem: 'config.invalid', errors: 2 })), 'failed'],
  ["somebody else's config", setUpStep('config', configWith({ problem: 'config.untrusted' })), 'failed'],
  ['a named config that everybody can write', setUpStep('config', configWith({ mode: '0666' })), 'failed'],
  ['a config of a group', setUpStep('config', configWith({ mode: '0664' })), 'ok'],
  ['an account without its variable', setUpStep('config', configWith({ unusable: 1 })), 'warning'],
  ['no config', setUpStep('config', configWith({ path: undefined, found: undefined })), 'warning'],
  ['a proxy without a scheme', setUpStep('proxy', { env: { HTTPS_PROXY: 'user:pw@proxy:1' } }), 'failed'],
  ['unchecked certificates', setUpStep('proxy', { env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } }), 'failed'],
  [
    'a missing CA bundle',
    setUpStep('proxy', { certificates: [{ variable: 'AWS_CA_BUNDLE', errno: 'ENOENT' }] }),
    'failed',
  ],
  ['a read-only folder', setUpStep('folders', { folders: [folder({ errno: 'EROFS' })] }), 'failed'],
  ['a full disk', setUpStep('folders', { folders: [folder({ freeBytes: 0 })] }), 'failed'],
  ['no home folder', setUpStep('folders', { folders: [folder({ path: undefined })] }), 'ok'],
])('%s', (_, step, status) => {
  test(`is ${status}${status === 'ok' ? '' : ', and the step says what to do'}`, () => {
    expect(step).toMatchObject({ status })
    expect(step.fixes).toHaveLength(status === 'ok' ? 0 : 1)
  })
})

function configWith(changes: Partial<SetUpFacts['config']>): Partial<SetUpFacts> {
  return { config: { ...setUp.config, ...changes } }
}

function folder(changes: Partial<SetUpFacts['folders'][number]>): SetUpFacts['folders'][number] {
  return { name: 'state', path: '/state', exists: true, errno: undefined, freeBytes: 5e9, ...changes }
}

test('a part that cannot be loaded is a warning, and its error is not repeated', () => {
  const parts = [{ name: 'bullmq', adds: 'queues', version: undefined, problem: 'no such file /home/someone/x' }]
  const step = machineStep('parts', {}, { parts })
  expect(step.status).toBe('warning')
  expect(JSON.stringify(step)).not.toContain('someone')
})

test('a missing part is no problem', () => {
  expect(machineStep('parts', {}).message).toBe('bullmq 6.7.0; not installed: ioredis')
})

test('the clock is shown in local time, with its difference from UTC', () => {
  expect(machineStep('clock', {}).message).toContain('2026-11-01T08:30:00-03:30 (America/St_Johns)')
})

test('a proxy is shown without user name and password, and NO_PROXY only as a number', () => {
  const env = {
    HTTPS_PROXY: 'http://someone:p%40ssword@proxy.example.com:3128/path?token=1',
    https_proxy: '',
    NO_PROXY: 'secret.example.com, 10.0.0.0/8',
  }
  const step = setUpStep('proxy', { env })
  expect(step.message).toBe('HTTPS_PROXY: proxy.example.com:3128, NO_PROXY: 2 entries')
  expect(step.status).toBe('ok')
})

test.each(['user:password@proxy:3128', 'ftp://user:password@proxy', 'http://user:password@', 'http://a:b%zz@proxy'])(
  'nothing of the credentials of %s is shown',
  (HTTPS_PROXY) => {
    const step = setUpStep('proxy', { env: { HTTPS_PROXY } })
    expect(step).toMatchObject({ status: 'failed', code: 'config.proxy' })
    expect(JSON.stringify({ ...step, fixes: [] })).not.toMatch(/user:|password|b%zz/)
  },
)

test('variables are named only if they belong to an option or to AWS, and no value is shown', () => {
  const env = {
    CROSSTRAIL_REGION: 'value-1',
    CROSSTRAIL_EXTERNAL_ID_ACME: 'value-2',
    AWS_SECRET_ACCESS_KEY: 'value-3',
    AWS_PROFILE: '',
    OTHER: 'value-4',
  }
  const step = setUpStep('environment', { env })
  expect(step.message).toBe('CROSSTRAIL_REGION, 1 other that begins with CROSSTRAIL_, AWS_SECRET_ACCESS_KEY')
  expect(JSON.stringify(step)).not.toMatch(/value|ACME|OTHER/)
})

test('an unusual locale is not repeated', () => {
  expect(setUpStep('terminal', { env: { LANG: 'a\u001b[31m b' } }).message).toContain('locale unusual')
})
