import path from 'node:path'

import { expect, it } from 'vitest'

import { resolveConfig } from '../../src/config/resolve.ts'
import { loadText, withLines } from './written.ts'

const hop = 'arn:aws:iam::333333333333:role/Hop'

it('fills in every default', () => {
  const { trail, accounts } = loadText(withLines())
  expect(trail).toEqual({
    bucket: 'example-cloudtrail-logs',
    owner: '111111111111',
    region: 'us-east-1',
    prefix: '',
    organization: undefined,
    requesterPays: false,
  })
  expect(accounts).toEqual([
    {
      label: 'B',
      id: '222222222222',
      credentials: { type: 'chain' },
      via: [],
      role: 'arn:aws:iam::111111111111:role/Logs-B',
      externalId: undefined,
      sessionName: 'crosstrail-b',
      durationSeconds: undefined,
      mfa: undefined,
      mfaProcess: undefined,
      sourceIdentity: undefined,
      tags: {},
      reads: 'own',
      allow: ['list', 'download'],
      stsRegion: 'us-east-1',
    },
  ])
})

it.each([
  ['""', ''],
  ['logs/', 'logs'],
  ['audit/logs/', 'audit/logs'],
])('the prefix %s becomes %j', (written, prefix) => {
  expect(loadText(withLines([], [`prefix: ${written}`])).trail.prefix).toBe(prefix)
})

it('a session name from a long label is cut to the limit of STS', () => {
  const label = 'L'.repeat(64)
  const [account] = loadText(withLines().replace('  B:', `  ${label}:`)).accounts
  expect(account?.sessionName).toBe(`crosstrail-${'l'.repeat(53)}`)
})

it('hops use the session name of their account unless they have one', () => {
  const via = `via: [${hop}, { role: "${hop}", sessionName: second, externalId: abc, duration: 900s }]`
  expect(loadText(withLines([via, 'sessionName: audit'])).accounts[0]?.via).toEqual([
    { role: hop, sessionName: 'audit' },
    { role: hop, sessionName: 'second', externalId: 'abc', durationSeconds: 900 },
  ])
})

it('duplicates in lists count once', () => {
  const lines = ['reads: ["333333333333", "333333333333"]', 'allow: [list, copy, list]']
  expect(loadText(withLines(lines)).accounts[0]).toMatchObject({ reads: ['333333333333'], allow: ['list', 'copy'] })
})

it.each([
  ['{ chain: true }', { type: 'chain' }],
  ['{ env: true }', { type: 'env' }],
  ['{ profile: audit }', { type: 'profile', profile: 'audit' }],
  ['{ sso: audit }', { type: 'sso', profile: 'audit' }],
  ['{ ec2: true }', { type: 'ec2' }],
  ['{ ecs: true }', { type: 'ecs' }],
  ['{ process: "get keys" }', { type: 'process', command: 'get keys' }],
  [`{ webIdentity: { tokenFile: /t, role: "${hop}" } }`, { type: 'webIdentity', tokenFile: '/t', role: hop }],
])('resolves credentials %s', (written, source) => {
  expect(loadText(withLines([`credentials: ${written}`])).accounts[0]?.credentials).toEqual(source)
})

it.each([
  ['token', path.resolve('/etc/crosstrail/token')],
  ['/run/token', path.resolve('/run/token')],
  ['~/token', path.join('/home/ana', 'token')],
])("the token file %s is resolved from the config file's folder or the home folder", (tokenFile, absolute) => {
  const config = resolveConfig(
    {
      trail: loadText(withLines()).trail,
      accounts: {
        B: { id: loadText(withLines()).trail.owner, role: hop, credentials: { webIdentity: { tokenFile, role: hop } } },
      },
    },
    path.resolve('/etc/crosstrail/c.yaml'),
    '/home/ana',
  )
  expect(config.accounts[0]?.credentials).toMatchObject({ tokenFile: absolute })
})

it('accounts keep the order of the file', () => {
  const account = '{ id: "222222222222", role: "arn:aws:iam::111111111111:role/R" }'
  const text = `${withLines()}  Z: ${account}\n  A: ${account}\n`
  expect(loadText(text).accounts.map(({ label }) => label)).toEqual(['B', 'Z', 'A'])
})

it('values of the environment are used in the config', () => {
  const text = withLines(['externalId: ${env:ID}', 'duration: ${env:SECONDS}'])
  const [account] = loadText(text, { ID: 'issued-by-b', SECONDS: '1800' }).accounts
  expect(account).toMatchObject({ externalId: 'issued-by-b', durationSeconds: 1800 })
})
