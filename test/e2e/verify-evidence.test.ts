import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { version } from '../../src/config/own-version.ts'
import { filesBelow, tempFolder } from '../disk/temp-folder.ts'
import { startAuthority } from '../sinks/evidence/authority.ts'
import { checkedPaths, text } from '../sinks/evidence/bag.ts'
import { trailWindow } from './support/altered-trail.ts'
import { jsonLines } from './support/crosstrail.ts'
import {
  bucketFolder,
  evidenceOf,
  EvidenceWorld,
  isDigest,
  isLog,
  leftBeside,
  newSignKey,
  objectsOf,
} from './support/evidence-world.ts'

let here: EvidenceWorld
beforeAll(async () => {
  here = await EvidenceWorld.start()
})
afterEach(() => here.trail.world.lab.setFaults({}))
afterAll(() => here.trail.world.stop())

describe('the evidence of a bucket', () => {
  test('has each digest with its metadata, the public keys and the report, and no logs', async () => {
    const folder = here.newPath()
    const result = await here.verify('--evidence', folder)
    expect(result).toMatchObject({ exitCode: 0 })
    expect(result.stderr).toContain(`the evidence is in ${folder}\n  it is unsigned\n  it has no timestamp\n`)
    const paths = checkedPaths(folder)
    expect(objectsOf(paths)).toEqual(here.keysOf(isDigest))
    for (const key of here.keysOf(isDigest)) {
      const { body, metadata } = here.stored(key)
      expect(readFileSync(join(folder, bucketFolder, key)).equals(body)).toBe(true)
      expect(JSON.parse(text(folder, `${bucketFolder}/${key}.signature`))).toEqual({
        signature: metadata['signature'],
        signatureAlgorithm: 'SHA256withRSA',
        backfillGenerationTimestamp: null,
      })
    }
    expect(JSON.parse(text(folder, 'data/public-keys.json'))).toEqual(JSON.parse(readFileSync(here.keys, 'utf8')))
  })

  test('says what was verified, by whom, with which version, command and session', async () => {
    const folder = here.newPath()
    const args = ['--region', 'eu-west-1', '--evidence', folder]
    await here.verify(...args)
    const session = 'arn:aws:sts::111111111111:assumed-role/CloudTrailLogs-Z/crosstrail-z'
    const command = ['crosstrail', 'verify', 'Z', '--config', here.trail.config, ...trailWindow, ...args]
    const info = text(folder, 'bag-info.txt')
    expect(info).toContain(`\nRun-Version: ${version()}\n`)
    expect(info).toContain(`\nRun-Command: ${command.join(' ')}\n`)
    expect(info).toContain(`\nSession-ARN: ${session}\n`)
    expect(info).toContain('\nSignature: none: this bag is unsigned\n')
    expect(JSON.parse(text(folder, 'data/report.json'))).toMatchObject({
      findings: [],
      run: { sessions: [session], command },
      signature: null,
      summary: {
        place: 's3://example-cloudtrail-logs/AWSLogs/',
        from: '2026-11-01T00:00:00Z',
        until: '2026-11-01T08:00:00Z',
        regions: 'eu-west-1',
        digestsVerified: 8,
        logsWrong: 0,
        findings: 0,
      },
      publicKeys: [{ region: 'eu-west-1', source: `ListPublicKeys in eu-west-1 by ${session}`, digests: 8 }],
      chains: [{ chain: '222222222222/eu-west-1/lab-trail (home us-east-1)', verifiedUntil: '2026-11-01T08:00:00Z' }],
    })
    expect(text(folder, 'data/report.md')).toContain('| digests verified | 8 |')
  })

  test('with logs has every log as it is stored, and can be verified like a mirror', async () => {
    const folder = here.newPath()
    const result = await here.verify('--threads', '3', '--evidence', folder, '--with-logs')
    expect(result).toMatchObject({ exitCode: 0 })
    expect(objectsOf(checkedPaths(folder))).toEqual([...here.keysOf(isDigest), ...here.keysOf(isLog)].toSorted())
    for (const key of here.keysOf(isLog)) {
      expect(readFileSync(join(folder, bucketFolder, key)).equals(here.stored(key).body)).toBe(true)
    }
    const given = ['--dir', join(folder, 'data/trail'), '--keys', join(folder, 'data/public-keys.json')]
    const again = await here.trail.world.run(['verify', ...given, ...trailWindow])
    expect(again).toMatchObject({ exitCode: 0 })
    expect(again.stderr).toContain('verified 16 digests of 16 and 80 logs of 80')
  })

  test('is not written after Ctrl-C, and the summary says so', async () => {
    const folder = here.newPath()
    const args = ['--concurrency', '4', '--output', 'json', '--evidence', folder, '--with-logs']
    const { child, result } = here.startVerify(...args)
    let gets = 0
    here.trail.world.lab.setFaults({
      hook({ operation }) {
        if (operation !== 'GetObject') return undefined
        gets++
        if (gets === 40) child.kill('SIGINT')
        return gets < 40 ? undefined : { latencyMs: 50 }
      },
    })
    const ended = await result
    expect(ended).toMatchObject({ exitCode: 130 })
    expect(evidenceOf(ended)).toEqual({ folder, written: false, signingKey: null, timestamp: null })
    expect(existsSync(folder)).toBe(false)
    expect(leftBeside(folder)).toEqual([])
  })
})

describe('the evidence of a mirror', () => {
  test('has what is wrong as it was found, and the findings', async () => {
    const copy = here.mirrorCopy()
    const [digest = '', other = '', unsigned = ''] = here.keysOf(/\/CloudTrail-Digest\/eu-west-1\//)
    const [log = ''] = here.keysOf(/\/CloudTrail\/us-east-1\//)
    writeFileSync(join(copy, digest), 'no digest')
    writeFileSync(join(copy, `${other}.signature`), 'no signature')
    rmSync(join(copy, `${unsigned}.signature`))
    writeFileSync(join(copy, log), gzipSync('{"Records":[]}'))
    const folder = here.newPath()
    const result = await here.verifyDir(copy, '--evidence', folder, '--with-logs', '--output', 'json')
    expect(result).toMatchObject({ exitCode: 1 })
    expect(evidenceOf(result)).toMatchObject({ written: true })
    const paths = checkedPaths(folder)
    expect(paths).toContain(`data/trail/mirror/${unsigned}`)
    expect(paths).not.toContain(`data/trail/mirror/${unsigned}.signature`)
    for (const name of [digest, `${other}.signature`, log]) {
      expect(text(folder, `data/trail/mirror/${name}`)).toBe(readFileSync(join(copy, name), 'utf8'))
    }
    const found = jsonLines(result.stdout).filter(({ type }) => type === 'finding')
    expect(found.map(({ code }) => code)).toContain('verify.log-hash')
    const { findings } = JSON.parse(text(folder, 'data/report.json')) as { findings: Record<string, unknown>[] }
    expect(findings.map(({ code, message }) => [code, message])).toEqual(
      found.map(({ code, message }) => [code, message]),
    )
    expect(text(folder, 'data/report.md')).toContain('| verify.log-hash | 222222222222/us-east-1/lab-trail')
  })

  test('cannot be in the mirror itself', async () => {
    const copy = here.mirrorCopy()
    const result = await here.verifyDir(copy, '--evidence', join(copy, 'deep/evidence'))
    expect(result).toMatchObject({ exitCode: 2, stdout: '' })
    expect(result.stderr).toContain('the evidence cannot be in the mirror that is verified')
    expect(existsSync(join(copy, 'deep'))).toBe(false)
  })
})

test('a signature and a timestamp are in the evidence, openssl accepts them, and the summary names them', async () => {
  const parent = tempFolder()
  const { url, root } = await startAuthority(join(parent, 'authority'))
  const folder = join(parent, 'evidence')
  const asked = ['--evidence', folder, '--sign-key', newSignKey(), '--timestamp-url', `${url}?key=s3cr3t-of-mine`]
  const result = await here.verifyDir(here.mirror, ...asked)
  expect(result).toMatchObject({ exitCode: 0 })
  checkedPaths(folder)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, encoding: 'utf8' })
  const [manifest, key] = ['tagmanifest-sha256.txt', 'signing-public-key.pem']
  const signature = ['-in', manifest, '-sigfile', `${manifest}.sig`]
  openssl('pkeyutl', '-verify', '-rawin', '-pubin', '-inkey', key, ...signature)
  openssl('ts', '-verify', '-data', manifest, '-in', `${manifest}.tsr`, '-CAfile', root)
  const [, sha256 = ''] = /\nSigning-Key-SHA256: (.*)/.exec(text(folder, 'bag-info.txt')) ?? []
  expect(sha256).toHaveLength(64)
  expect(result.stderr).toContain(`  it is signed with the key whose SHA-256 is ${sha256}\n  it has a timestamp of 20`)
  for (const path of filesBelow(folder)) expect(text(folder, path)).not.toContain('s3cr3t-of-mine')
  const again = await here.verifyDir(here.mirror, ...asked.with(1, join(parent, 'again')), '--output', 'json')
  expect(evidenceOf(again)).toMatchObject({
    written: true,
    signingKey: sha256,
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  })
})

describe('before anything is read, it is an error', () => {
  const used = () => {
    const path = here.newPath()
    mkdirSync(join(path, 'something'), { recursive: true })
    return path
  }
  const readable = () => {
    const file = newSignKey()
    chmodSync(file, 0o644)
    return file
  }

  test.each([
    ['--with-logs without --evidence', 'usage.missing-option', () => ['--with-logs']],
    ['a folder that is not empty', 'usage.folder-in-use', () => ['--evidence', used()]],
    ['a key that others can read', 'usage.sign-key', () => ['--evidence', here.newPath(), '--sign-key', readable()]],
  ])('%s', async (_what, code, given) => {
    expect(await here.refused(given())).toEqual({ exitCode: 2, codes: [code], requests: 0, rest: [] })
  })
})
