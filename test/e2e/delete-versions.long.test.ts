import { writeFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import { labMfaCode, labMfaSerial, labRoles } from '../../src/lab/fixture.ts'
import { jsonLines } from './support/crosstrail.ts'
import {
  type DeleteWorld,
  deleteWorld,
  filesIn,
  isOlder,
  journalLines,
  mayDelete,
  olderHalf,
  onlyFile,
} from './support/delete-world.ts'
import { keysOf } from './support/stored-logs.ts'

let world: DeleteWorld

afterEach(() => world.stop())

async function versionedWorld(): Promise<DeleteWorld> {
  world = await deleteWorld({
    sample: { objects: 120, window: { fromMs: Date.UTC(2025, 0, 1), toMs: Date.UTC(2025, 0, 8) } },
  })
  const bucket = world.lab.bucket()
  bucket.versioning = 'Enabled'
  for (const { key, object } of world.logs()) bucket.put(key, object.body)
  return world
}

const contents = () => world.keys().map((key) => `${key} ${world.lab.bucket().get(key)?.etag}`)
const deleting = (dir: string, ...more: string[]) =>
  world.crosstrail(['delete', 'Z', ...olderHalf, '--journal-dir', dir, ...more])
const restoring = (dir: string, ...more: string[]) =>
  world.crosstrail(['restore', '--journal', onlyFile(dir, 'delete'), '--journal-dir', dir, ...more])

test('restore undoes a delete on a versioned bucket exactly', async () => {
  await versionedWorld()
  const before = contents()
  const dir = world.newPath()
  const deleted = await deleting(dir, '--yes')
  expect(deleted.stdout).toContain('the restore command undoes it')
  expect(world.logs().filter(isOlder)).toEqual([])
  const { exitCode, stderr } = await restoring(dir, '--yes')
  expect(stderr).not.toContain('failed')
  expect(exitCode).toBe(0)
  expect(contents()).toEqual(before)
  expect(journalLines(onlyFile(dir, 'restore')).at(-1)).toMatchObject({ failed: 0, interrupted: false })
})

test('restore changes nothing without --yes or a terminal, or with --dry-run', async () => {
  await versionedWorld()
  const dir = world.newPath()
  await deleting(dir, '--yes')
  const after = contents()
  const { exitCode, stderr } = await restoring(dir)
  expect(exitCode).toBe(4)
  expect(stderr).toContain('nothing was restored: --yes is not given, and there is no terminal to ask on')
  expect(stderr).toMatch(/to restore: crosstrail restore --journal \S+ --yes/)
  const dry = await restoring(dir, '--dry-run', '--output', 'json')
  expect(dry.exitCode).toBe(0)
  expect(new Set(jsonLines(dry.stdout).map(({ reason }) => reason))).toEqual(new Set(['dry-run']))
  expect(contents()).toEqual(after)
  expect(filesIn(dir, 'restore')).toEqual([])
})

test('a second restore skips everything as present', async () => {
  await versionedWorld()
  const older = keysOf(world.logs().filter(isOlder))
  const dir = world.newPath()
  await deleting(dir, '--yes')
  await restoring(dir, '--yes')
  const { exitCode, stdout } = await restoring(dir, '--yes', '--output', 'json')
  expect(exitCode).toBe(0)
  expect(
    jsonLines(stdout)
      .map(({ reason, key }) => `${String(reason)} ${String(key)}`)
      .sort(),
  ).toEqual(older.map((key) => `present ${key}`))
})

test('restore also undoes deletes whose answers were lost, and counts them', async () => {
  await versionedWorld()
  const before = contents()
  const dir = world.newPath()
  const { child, result } = world.start([
    'delete',
    'Z',
    ...olderHalf,
    '--journal-dir',
    dir,
    '--yes',
    '--config',
    world.configFile,
  ])
  world.lab.setFaults({
    hook: ({ operation }) => {
      if (operation !== 'DeleteObjects') return undefined
      setTimeout(() => child.kill('SIGKILL'), 200)
      return 'stall'
    },
  })
  await result
  world.lab.setFaults({})
  const older = 120 - world.logs().length
  expect(older).toBeGreaterThan(0)
  const { exitCode, stderr } = await restoring(dir, '--yes')
  expect(exitCode).toBe(0)
  expect(stderr).toContain(`${older} of these markers are not named in the journal`)
  expect(contents()).toEqual(before)
})

test('a restore that is stopped says how many markers it removed before that', async () => {
  await versionedWorld()
  const dir = world.newPath()
  await deleting(dir, '--yes')
  const refusal = { status: 403, code: 'AccessDenied', message: 'no' }
  world.lab.setFaults({ hook: ({ operation }) => (operation === 'ListObjectVersions' ? refusal : undefined) })
  const { exitCode, stderr } = await restoring(dir, '--yes')
  expect(exitCode).toBe(3)
  expect(stderr).toMatch(/^crosstrail: .*; no delete marker was removed$/m)
  expect(world.logs().filter(isOlder)).toEqual([])
})

test("keeps another delete's marker, and an object that a journal names as a marker", async () => {
  await versionedWorld()
  const bucket = world.lab.bucket()
  const dir = world.newPath()
  const [mine, theirs, forged] = keysOf(world.logs().filter(isOlder))
  if (mine === undefined || theirs === undefined || forged === undefined) throw new Error('too few logs')
  await deleting(dir, '--yes', '--exclude', `**/${theirs.split('/').at(-1)}`)
  bucket.delete(theirs)
  const file = onlyFile(dir, 'delete')
  const version = bucket.versions(forged).find(({ isDeleteMarker }) => !isDeleteMarker)?.versionId ?? ''
  const lines = journalLines(file).map((line) =>
    line['status'] === 'done' && line['key'] === forged ? { ...line, markerVersionId: version } : line,
  )
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const { exitCode, stderr } = await restoring(dir, '--yes')
  expect(exitCode).toBe(1)
  expect(stderr).toContain('1 object.not-a-marker')
  expect(bucket.get(mine)).toBeDefined()
  expect(bucket.get(theirs)).toBeUndefined()
  expect(bucket.version(forged, version)).toBeDefined()
})

test.each<readonly [string, readonly string[], 'Off' | 'Enabled', string]>([
  ['an unversioned bucket', [], 'Off', 'usage.journal-unversioned'],
  ['a delete of versions', ['--versions'], 'Enabled', 'usage.journal-versions'],
])('refuses the journal of %s', async (_name, more, versioning, code) => {
  await versionedWorld()
  world.lab.bucket().versioning = versioning
  const dir = world.newPath()
  await deleting(dir, '--yes', ...more)
  const { exitCode, stderr } = await restoring(dir, '--yes', '--output', 'json')
  expect(exitCode).toBe(2)
  expect(stderr).toContain(code)
})

test('refuses the journal of another trail, and a file that is not a journal', async () => {
  await versionedWorld()
  const dir = world.newPath()
  await deleting(dir, '--yes')
  const other = world.configWith((text) => mayDelete(text).replace('example-cloudtrail-logs', 'example-other-logs'))
  const command = ['restore', '--journal', onlyFile(dir, 'delete'), '--yes', '--output', 'json']
  const foreign = await world.run([...command, '--config', other])
  expect(foreign.exitCode).toBe(2)
  expect(foreign.stderr).toContain('usage.journal-foreign')
  const plan = await world.crosstrail(['restore', '--journal', onlyFile(dir, 'plan'), '--output', 'json'])
  expect(plan.stderr).toContain('usage.not-a-journal')
})

test('--versions deletes every version and marker of the planned keys, and nothing else', async () => {
  await versionedWorld()
  const bucket = world.lab.bucket()
  const older = keysOf(world.logs().filter(isOlder))
  const [twice = ''] = older
  bucket.delete(twice)
  bucket.put(twice, 'a third version')
  const others = bucket.keysWithVersions().filter((key) => !older.includes(key))
  const { exitCode, stdout } = await deleting(world.newPath(), '--yes', '--versions')
  expect(exitCode).toBe(0)
  expect(stdout).toContain(`to delete  ${older.length} objects`)
  expect(stdout).toContain(`(${older.length * 2 + 2} versions and markers)`)
  expect(bucket.keysWithVersions()).toEqual(others)
})

test('does not delete a version that was put after the plan', async () => {
  await versionedWorld()
  const bucket = world.lab.bucket()
  const [key = ''] = keysOf(world.logs().filter(isOlder))
  const plan = `${world.newPath()}.ndjson`
  await world.crosstrail(['delete', 'Z', ...olderHalf, '--versions', '--plan', plan])
  const late = bucket.put(key, 'put after the plan')
  expect(await world.crosstrail(['delete', '--from-plan', plan, '--yes'])).toMatchObject({ exitCode: 0 })
  expect(bucket.versions(key).map(({ versionId }) => versionId)).toEqual([late.versionId])
})

async function lockedWorld(): Promise<{ readonly bucketName: string; readonly config: string }> {
  world = await deleteWorld({ sample: { objects: 1 } })
  const bucketName = 'example-locked-logs'
  const bucket = world.lab.addBucket({
    name: bucketName,
    owner: world.lab.bucket().owner,
    region: 'us-east-1',
    objectLock: true,
  })
  const untilMs = Date.now() + 86_400_000
  const key = (random: string) =>
    `AWSLogs/444444444444/CloudTrail/us-east-1/2025/01/02/444444444444_CloudTrail_us-east-1_20250102T0005Z_${random}.json.gz`
  bucket.put(key('Compliance000000'), 'log', { retention: { mode: 'COMPLIANCE', untilMs } })
  bucket.put(key('Governance000000'), 'log', { retention: { mode: 'GOVERNANCE', untilMs } })
  bucket.put(key('LegalHold0000000'), 'log', { legalHold: true })
  bucket.put(key('Free000000000000'), 'log')
  bucket.put(key('New0000000000000').replaceAll('202501', '202503').replace('2025/01', '2025/03'), 'log')
  const role = world.lab.iam.role(labRoles.Z)
  if (role === undefined) throw new Error('Z has no role')
  role.policies = [{ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }]
  const config = world.configWith((text) => mayDelete(text).replace('example-cloudtrail-logs', bucketName))
  return { bucketName, config }
}

test('locked versions stay, with their lock as the reason; --bypass-governance deletes only those in governance mode', async () => {
  const { bucketName, config } = await lockedWorld()
  const command = [
    'delete',
    'Z',
    ...olderHalf,
    '--versions',
    '--journal-dir',
    world.newPath(),
    '--yes',
    '--config',
    config,
  ]
  const left = () =>
    world.lab
      .bucket(bucketName)
      .keysWithVersions()
      .map((key) => /_([A-Za-z]+)0+\./.exec(key)?.[1])
  const first = await world.run(command)
  expect(first.exitCode).toBe(1)
  for (const code of ['object.locked-compliance', 'object.locked-governance', 'object.legal-hold']) {
    expect(first.stderr).toContain(`1 ${code}`)
  }
  expect(first.stderr).toMatch(/is locked until \d{4}-\d\d-\d\dT[\d:]+Z in compliance mode/)
  expect(left()).toEqual(['Compliance', 'Governance', 'LegalHold', 'New'])
  const second = await world.run([...command, '--bypass-governance'])
  expect(second.exitCode).toBe(1)
  expect(second.stderr).not.toContain('object.locked-governance')
  expect(left()).toEqual(['Compliance', 'LegalHold', 'New'])
})

test('a plain delete adds markers above locked versions, and restore removes them', async () => {
  const { bucketName, config } = await lockedWorld()
  const dir = world.newPath()
  const before = world.lab.bucket(bucketName).keys()
  const common = ['--journal-dir', dir, '--yes', '--config', config]
  expect(await world.run(['delete', 'Z', ...olderHalf, ...common])).toMatchObject({ exitCode: 0 })
  expect(world.lab.bucket(bucketName).keys()).toHaveLength(1)
  expect(await world.run(['restore', '--journal', onlyFile(dir, 'delete'), ...common])).toMatchObject({ exitCode: 0 })
  expect(world.lab.bucket(bucketName).keys()).toEqual(before)
})

test('MFA Delete: versions are deleted only with a code, which is asked for if the bucket needs it', async () => {
  await versionedWorld()
  const bucket = world.lab.bucket()
  bucket.mfaDelete = true
  const older = keysOf(world.logs().filter(isOlder))
  const config = world.configWith((text) =>
    mayDelete(text).replace('    reads: all', `    mfa: ${labMfaSerial}\n    reads: all`),
  )
  const command = ['delete', 'Z', ...olderHalf, '--versions', '--journal-dir', world.newPath(), '--yes']
  const without = await world.crosstrail([...command, '--output', 'json'])
  expect(without.exitCode).toBe(1)
  expect(without.stdout).toContain('access.mfa-required')
  expect(keysOf(world.logs().filter(isOlder))).toEqual(older)
  const withCode = await world.run([...command, '--mfa-code', labMfaCode, '--config', config])
  expect(withCode.stderr).not.toContain('failed:')
  expect(withCode.exitCode).toBe(0)
  expect(bucket.keysWithVersions().filter((key) => older.includes(key))).toEqual([])
})

test('on a bucket with MFA Delete, restore sends the code too', async () => {
  await versionedWorld()
  const before = contents()
  world.lab.bucket().mfaDelete = true
  const dir = world.newPath()
  const config = world.configWith((text) =>
    mayDelete(text).replace('    reads: all', `    mfa: ${labMfaSerial}\n    reads: all`),
  )
  const common = ['--journal-dir', dir, '--yes', '--mfa-code', labMfaCode, '--config', config]
  expect(await world.run(['delete', 'Z', ...olderHalf, ...common])).toMatchObject({ exitCode: 0 })
  expect(await world.run(['restore', '--journal', onlyFile(dir, 'delete'), ...common])).toMatchObject({ exitCode: 0 })
  expect(contents()).toEqual(before)
})
