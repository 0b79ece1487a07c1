import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { policyShellLines } from '../../../src/cli/render/policy-shell.ts'
import type { PolicySet } from '../../../src/verbs/policy/policies.ts'
import { policySet } from './policy-set.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-policy-'))
  writeFileSync(join(folder, 'aws'), aws, { mode: 0o755 })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The part of IAM that the scripts of callers use. It keeps its state in a file and refuses what IAM refuses. */
const aws = `#!${process.execPath}
const fs = require('node:fs')
const file = process.env.IAM_FILE
const iam = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : { policies: {}, roles: [], profiles: {}, calls: [] }
const [, call, ...rest] = process.argv.slice(2)
const option = (name) => rest[rest.indexOf('--' + name) + 1]
const arnOf = (name) => 'arn:aws:iam::' + process.env.IAM_ACCOUNT + ':policy/' + name
const refuse = () => process.exit(254)
const policy = iam.policies[option('policy-arn')]
const defaultVersion = () => policy.versions.find(({ isDefault }) => isDefault)
iam.calls.push(call)
switch (call) {
  case 'get-caller-identity': console.log(process.env.IAM_ACCOUNT); break
  case 'get-policy': if (policy === undefined) refuse(); console.log(defaultVersion().id); break
  case 'get-policy-version': console.log(JSON.stringify(JSON.parse(defaultVersion().document), undefined, 4)); break
  case 'list-policy-versions': console.log(policy.versions.filter(({ isDefault }) => !isDefault).reverse()[3]?.id ?? 'None'); break
  case 'delete-policy-version': policy.versions = policy.versions.filter(({ id }) => id !== option('version-id')); break
  case 'create-policy-version':
    if (policy.versions.length === 5) refuse()
    for (const version of policy.versions) version.isDefault = false
    policy.versions.push({ id: 'v' + ++policy.last, isDefault: true, document: option('policy-document') })
    break
  case 'create-policy':
    if (iam.policies[arnOf(option('policy-name'))] !== undefined) refuse()
    iam.policies[arnOf(option('policy-name'))] = { last: 1, versions: [{ id: 'v1', isDefault: true, document: option('policy-document') }] }
    break
  case 'get-role': if (!iam.roles.includes(option('role-name'))) refuse(); break
  case 'create-role': if (iam.roles.includes(option('role-name'))) refuse(); iam.roles.push(option('role-name')); break
  case 'update-assume-role-policy': case 'put-role-policy': break
  case 'get-instance-profile': { const held = iam.profiles[option('instance-profile-name')]; if (held === undefined) refuse(); console.log(held); break }
  case 'create-instance-profile': iam.profiles[option('instance-profile-name')] = ''; break
  case 'add-role-to-instance-profile':
    if (iam.profiles[option('instance-profile-name')] !== '' || process.env.IAM_BREAKS === call) refuse()
    iam.profiles[option('instance-profile-name')] = option('role-name')
    break
  default: refuse()
}
fs.writeFileSync(file, JSON.stringify(iam))
`

interface Iam {
  readonly policies: Record<
    string,
    { readonly versions: { readonly id: string; readonly isDefault: boolean; readonly document: string }[] }
  >
  readonly profiles: Record<string, string>
  readonly calls: readonly string[]
}

/** Runs the script as a user would. */
function run(set: PolicySet, account: string, breaks = '') {
  const file = join(folder, 'iam.json')
  const script = join(folder, 'caller.sh')
  writeFileSync(script, `${policyShellLines(set).join('\n')}\n`)
  const { status, stderr } = spawnSync('sh', [script], {
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, IAM_FILE: file, IAM_ACCOUNT: account, IAM_BREAKS: breaks },
    encoding: 'utf8',
  })
  return { status, stderr, iam: (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined) as Iam }
}

const callerOf = (prefix = '') => policySet({ side: 'caller', inAccount: '222222222222' as never }, prefix)
const otherRole = (set: PolicySet): PolicySet =>
  JSON.parse(
    JSON.stringify(set).replaceAll('role/CloudTrailLogs-B', `role/Other-${Math.random().toString(36).slice(2)}`),
  ) as PolicySet

test('the script for an unknown user changes nothing the second time', () => {
  const first = run(callerOf(), '222222222222')
  expect({ status: first.status, policies: Object.keys(first.iam.policies).length }).toEqual({ status: 0, policies: 1 })
  const second = run(callerOf(), '222222222222')
  expect({ status: second.status, stderr: second.stderr }).toEqual({ status: 0, stderr: first.stderr })
  expect(second.iam.policies).toEqual(first.iam.policies)
})

test('a changed policy becomes a new version, and the oldest of five is deleted', () => {
  run(callerOf(), '222222222222')
  for (let time = 0; time < 6; time++) {
    const changed = otherRole(callerOf())
    const { status, iam } = run(changed, '222222222222')
    expect(status).toBe(0)
    const [policy] = Object.values(iam.policies)
    expect(policy?.versions.length).toBeLessThanOrEqual(5)
    const current = policy?.versions.find(({ isDefault }) => isDefault)?.document ?? '{}'
    expect(JSON.parse(current)).toEqual(changed.policies[0]?.document)
  }
})

test('the script for an instance can be run again, even if the first run failed before its profile had the role', () => {
  const set = policySet({ side: 'caller', inAccount: '333333333333' as never })
  expect(run(set, '333333333333', 'add-role-to-instance-profile').status).not.toBe(0)
  const second = run(set, '333333333333')
  expect(second.status).toBe(0)
  expect(Object.values(second.iam.profiles)).toEqual(Object.keys(second.iam.profiles))
  expect(run(set, '333333333333')).toMatchObject({ status: 0, iam: { profiles: second.iam.profiles } })
})
