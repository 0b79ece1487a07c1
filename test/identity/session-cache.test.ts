import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readRegularFile } from '../../src/disk/regular-file.ts'
import { makeNamedFolder } from '../../src/disk/make-folder.ts'
import { openSessionCache, type KeptSession } from '../../src/identity/session-cache.ts'
import { FakeKeyring } from './fake-keyring.ts'

const session: KeptSession = {
  keys: { accessKeyId: 'ASIA1', secretAccessKey: 'the-secret', sessionToken: 'the-token', expiresAtMs: 1_000 },
  assumedRoleArn: 'arn:aws:sts::111111111111:assumed-role/R/s',
}
const identity = '{"externalId":"the-external-id"}'
let folder: string
let keyring: FakeKeyring

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'crosstrail-cache-')), 'sessions')
  keyring = new FakeKeyring()
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

const onDisk = { read: (file: string) => readRegularFile(file, 1_000_000), makeFolder: makeNamedFolder }
const open = () => openSessionCache(folder, keyring, onDisk)
const files = () => readdirSync(folder).map((name) => join(folder, name))

test('refuses a keyring that loses its secret, and writes nothing', async () => {
  keyring.read = () => Promise.resolve(undefined)
  await expect(open()).rejects.toMatchObject({
    code: 'usage.no-keyring',
    message: expect.stringContaining('loses the key before the next run'),
  })
  expect(existsSync(folder)).toBe(false)
})

test('the next run reads a cached session, but only for the same identity', async () => {
  const cache = await open()
  cache.keep(identity, session)
  const next = await open()
  expect(next.take(identity)).toEqual(session)
  expect(next.take(`${identity} `)).toBeUndefined()
  expect(keyring.writes).toBe(1)
})

test('neither the file nor its name reveals the session or its identity', async () => {
  const cache = await open()
  cache.keep(identity, session)
  const [file = ''] = files()
  expect(file).toMatch(/\/[0-9a-f]{64}\.session$/)
  const shown = readFileSync(file).toString('latin1')
  for (const secret of ['the-secret', 'the-token', 'ASIA1', 'the-external-id', 'assumed-role']) {
    expect(shown).not.toContain(secret)
  }
})

test('files are 0600 in a folder that is 0700', async () => {
  const cache = await open()
  cache.keep(identity, session)
  expect(files().map((file) => statSync(file).mode & 0o777)).toEqual([0o600])
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test('writes nothing before the first session is cached', async () => {
  const cache = await open()
  expect(cache.take(identity)).toBeUndefined()
  expect(existsSync(folder)).toBe(false)
})

test('ignores and replaces an entry with any changed byte or cut at any length', async () => {
  const cache = await open()
  cache.keep(identity, session)
  const [file = ''] = files()
  const whole = readFileSync(file)
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const spoiled = Buffer.from(whole)
      spoiled[at] = (spoiled[at] ?? 0) ^ change
      writeFileSync(file, spoiled)
      expect(cache.take(identity)).toBeUndefined()
      writeFileSync(file, whole.subarray(0, at))
      expect(cache.take(identity)).toBeUndefined()
    }),
  )
  cache.keep(identity, session)
  expect(cache.take(identity)).toEqual(session)
})

test.runIf(process.platform !== 'win32')('does not wait for a pipe in place of an entry', async () => {
  const cache = await open()
  cache.keep(identity, session)
  const [file = ''] = files()
  rmSync(file)
  execFileSync('mkfifo', [file])
  expect(cache.take(identity)).toBeUndefined()
  cache.keep(identity, session)
  expect(cache.take(identity)).toEqual(session)
})

test('rejects an entry under the name of another one', async () => {
  const cache = await open()
  cache.keep('one', session)
  const [one = ''] = files()
  cache.keep('other', { ...session, assumedRoleArn: 'other' })
  const other = files().find((file) => file !== one) ?? ''
  writeFileSync(other, readFileSync(one))
  expect(cache.take('other')).toBeUndefined()
})

test('after the keyring was emptied, old entries are lost without an error', async () => {
  const before = await open()
  before.keep(identity, session)
  keyring.secret = undefined
  expect((await open()).take(identity)).toBeUndefined()
})

test('replaces a secret of another form', async () => {
  keyring.secret = 'short'
  const cache = await open()
  cache.keep(identity, session)
  expect((await open()).take(identity)).toEqual(session)
})

test('two runs that create the secret at once agree on one', async () => {
  const [one, other] = await Promise.all([open(), open()])
  one.keep(identity, session)
  expect(other.take(identity)).toEqual(session)
})

test('concurrent writers leave one whole entry and nothing else', async () => {
  const caches = await Promise.all(Array.from({ length: 8 }, open))
  await Promise.all(caches.map((cache) => Promise.resolve().then(() => cache.keep(identity, session))))
  expect(files()).toHaveLength(1)
  expect(caches[0]?.take(identity)).toEqual(session)
})

test('removes expired entries and files of killed writers, but no other files', async () => {
  const cache = await open()
  cache.keep('old', session)
  const day = new Date(Date.now() - 86_400_000)
  writeFileSync(join(folder, 'x.session.abc.tmp'), '')
  writeFileSync(join(folder, 'mine.txt'), '')
  for (const file of files()) utimesSync(file, day, day)
  cache.keep(identity, session)
  expect(files().filter((file) => file.endsWith('.tmp'))).toEqual([])
  expect(files().filter((file) => file.endsWith('.session'))).toHaveLength(1)
  expect(existsSync(join(folder, 'mine.txt'))).toBe(true)
})

test('without a keyring there is no cache', async () => {
  const none = {
    read: () => Promise.reject(new Error('AccessDenied')),
    write: () => Promise.reject(new Error('never')),
  }
  await expect(openSessionCache(folder, none, onDisk)).rejects.toThrow('AccessDenied')
})

test.skipIf(process.platform !== 'linux')('fails once for a folder that the file system does not allow', async () => {
  const cache = await openSessionCache('/proc/x/sessions', keyring, onDisk)
  expect(() => cache.keep(identity, session)).toThrow(expect.objectContaining({ code: 'disk.not-writable' }))
})
