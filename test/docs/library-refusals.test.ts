import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  type Crosstrail,
  CrosstrailError,
  type DeleteJournal,
  openCrosstrail,
  searchFolders,
  verifyFolders,
} from '../../src/index.ts'
import { labWorld, type LabWorld } from '../e2e/support/lab-world.ts'

let world: LabWorld
let crosstrail: Crosstrail

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 60 } })
  for (const [name, value] of Object.entries(world.env)) vi.stubEnv(name, value)
  crosstrail = await openCrosstrail()
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await crosstrail.close()
  await world.stop()
})
beforeEach(() => world.lab.requests.clear())

const silent = () => undefined
const nobody = { accounts: ['nobody'] }
const old = { toMs: Date.UTC(2026, 0, 1) }
const journalOfZ: DeleteJournal = {
  file: 'delete.ndjson',
  copy: { file: 'delete.ndjson', isLasting: true, async *lines() {}, close: silent },
  run: 'delete',
  accounts: ['Z'],
  logAccounts: [],
  done: 0,
  unanswered: 0,
}
const bucket = 's3://example-archive/trail'

/** What a program may ask for that its types allow, and the code of the refusal. */
const refused: Readonly<Record<string, readonly [string, (of: Crosstrail) => Promise<unknown>]>> = {
  'an account that is not in the config': ['usage.unknown-account', (of) => of.list({ selection: nobody })],
  'the same of a summary': ['usage.unknown-account', (of) => of.summarize({ selection: nobody })],
  'the same of a download': ['usage.unknown-account', (of) => of.download({ to: 'logs', selection: nobody })],
  'the same of a copy': ['usage.unknown-account', (of) => of.copy({ to: bucket, selection: nobody })],
  'an unknown account that writes copies': [
    'usage.unknown-account',
    (of) => of.copy({ to: bucket, toAccount: 'nobody' }),
  ],
  'the same of a search': ['usage.unknown-account', (of) => of.events({ selection: nobody })],
  'the same of the buckets': ['usage.unknown-account', (of) => of.listBuckets(nobody)],
  'the same of the doctor': ['usage.unknown-account', (of) => of.doctor(nobody)],
  'the same of policies': ['usage.unknown-account', (of) => of.policies(nobody)],
  'the same of a policy that is checked': ['usage.unknown-account', (of) => of.checkPolicy({ text: '{}', ...nobody })],
  'the same of credentials': ['usage.unknown-account', (of) => of.credentials({ account: 'nobody' })],
  'the same of a delete': ['usage.unknown-account', (of) => of.planDelete({ selection: { ...nobody, window: old } })],
  'a window that is empty': ['usage.window', (of) => of.list({ selection: { window: { fromMs: 10, toMs: 5 } } })],
  'a window that begins in the future': [
    'usage.window',
    (of) => of.download({ to: 'logs', selection: { window: { fromMs: Date.now() + 60_000 } } }),
  ],
  'a window whose start is no number': [
    'usage.invalid-value',
    (of) => of.summarize({ selection: { window: { fromMs: Number.NaN } } }),
  ],
  'a search in a window of events that is empty': [
    'usage.window',
    (of) => of.events({ window: { fromMs: 10, toMs: 5 } }),
  ],
  'a search in a window of events that begins in the future': [
    'usage.window',
    (of) => of.events({ window: { fromMs: Date.now() + 60_000 } }),
  ],
  'a search in a window of events whose end is no number': [
    'usage.invalid-value',
    (of) => of.events({ window: { toMs: Number.NaN } }),
  ],
  'a search in folders by an account': [
    'usage.conflict',
    (of) => of.events({ dirs: ['logs'], selection: { accounts: ['B'] } }),
  ],
  'a search in a folder that does not exist': ['usage.unreadable-file', (of) => of.events({ dirs: ['/none'] })],
  'verifying a folder without public keys': ['usage.missing-option', (of) => of.verify({ dirs: ['logs'] })],
  'verifying with a file of keys that does not exist': [
    'usage.unreadable-file',
    (of) => of.verify({ keysFile: '/none/keys.json' }),
  ],
  'verifying logs that were moved from a folder': ['usage.invalid-value', (of) => of.verify({ movedFrom: ['logs'] })],
  'verifying folders that names none': ['usage.invalid-value', () => verifyFolders({ dirs: [], keysFile: 'keys' })],
  'verifying a bucket of an account that is not in the config': [
    'usage.unknown-account',
    (of) => of.verify({ selection: nobody }),
  ],
  'a search in folders that names none': ['usage.invalid-value', () => searchFolders({})],
  'a search without a config in a folder that does not exist': [
    'usage.unreadable-file',
    () => searchFolders({ dirs: ['/none'] }),
  ],
  'a limit below nothing': ['usage.invalid-value', (of) => of.list({ maxObjects: -1 })],
  'a limit that is no number': ['usage.invalid-value', (of) => of.copy({ to: bucket, maxBytes: Number.NaN })],
  'a part of an object': ['usage.invalid-value', (of) => of.download({ to: 'logs', maxObjects: 1.5 })],
  'a look back into the future': ['usage.invalid-value', (of) => of.pull({ to: 'logs', lookBackMs: -1 })],
  'a first pull that begins in the future': [
    'usage.window',
    (of) => of.pull({ to: 'logs', sinceMs: Date.now() + 60_000 }),
  ],
  'a restore by an account that may not delete': [
    'access.verb-not-allowed',
    (of) => of.restore({ journal: journalOfZ, dryRun: true }),
  ],
  'a folder without a name': ['usage.invalid-value', (of) => of.download({ to: '' })],
  'a bucket for a download': ['usage.invalid-value', (of) => of.download({ to: bucket })],
  'a bucket for the folder of a pull': ['usage.invalid-value', (of) => of.pull({ to: bucket })],
  'a bucket for evidence': ['usage.invalid-value', (of) => of.verify({ evidence: { folder: bucket } })],
  'a folder for a copy': ['usage.invalid-value', (of) => of.copy({ to: './logs' })],
  'a folder for what the doctor copies to': ['usage.invalid-value', (of) => of.doctor({ to: './logs' })],
  'a folder for what policies copy to': ['usage.invalid-value', (of) => of.policies({ copyTo: './logs' })],
  'a text that is no policy': ['usage.not-a-policy', (of) => of.checkPolicy({ text: 'no policy' })],
  'a delete by an account that may not': [
    'access.verb-not-allowed',
    (of) => of.planDelete({ selection: { window: old } }),
  ],
  'a delete of logs of any age': ['usage.missing-option', (of) => of.planDelete()],
  'versions beside an archive': [
    'usage.conflict',
    (of) => of.planDelete({ selection: { window: old }, versions: true, archivedDir: 'archive' }),
  ],
  'an archive that is a folder, not a bucket': [
    'usage.invalid-value',
    (of) => of.planDelete({ selection: { window: old }, archivedIn: './archive' }),
  ],
  'a folder without a journal of a delete': ['usage.no-journal', (of) => of.readJournal()],
  'a plan that is not there': ['usage.unreadable-file', (of) => of.readPlan({ file: '/none' })],
  'a journal that is not there': ['usage.unreadable-file', (of) => of.readJournal({ file: '/none' })],
}

describe('a verb of the library rejects, and sends nothing, for', () => {
  it.each(Object.entries(refused))('%s', async (_title, [code, act]) => {
    const asked = act(crosstrail)
    const error = await asked.then(silent, (reason: unknown) => reason)
    expect(error).toBeInstanceOf(CrosstrailError)
    expect(error).toMatchObject({ code })
    expect(world.lab.requests.count()).toBe(0)
  })
})

describe('a verb of the library', () => {
  it('begins at the time of its call, however long ago the object was opened', async () => {
    const window = { fromMs: Date.now() + 500 }
    await expect(crosstrail.list({ selection: { window } })).rejects.toMatchObject({ code: 'usage.window' })
    await sleep(600)
    expect((await crosstrail.list({ selection: { window } })).total.done).toBe(0)
  })
})

describe('a verb of the library rejects', () => {
  it('with the error of a listener that throws', async () => {
    const error = new Error('of the listener')
    const listing = crosstrail.list({}, () => {
      throw error
    })
    await expect(listing).rejects.toBe(error)
  })

  it('with the error of whenWritable', async () => {
    const error = new Error('of the reader')
    await expect(crosstrail.list({ whenWritable: () => Promise.reject(error) })).rejects.toBe(error)
  })
})

describe('opening rejects', () => {
  it('for a config that is not there', async () => {
    await expect(openCrosstrail({ configFile: '/none.yaml' })).rejects.toMatchObject({ code: 'config.not-found' })
  })

  it.each([
    { concurrency: 0 },
    { concurrency: 513 },
    { concurrency: Number.NaN },
    { threads: 0 },
    { threads: 1.5 },
    { timeoutMs: 0 },
    { maxAttempts: 21 },
  ])('for %o', async (options) => {
    await expect(openCrosstrail(options)).rejects.toMatchObject({ code: 'usage.invalid-value' })
  })

  it('for a config that is wrong', async () => {
    const configFile = world.configWith((text) => text.replace('bucket:', 'basket:'))
    await expect(openCrosstrail({ configFile })).rejects.toMatchObject({ code: 'config.invalid' })
  })
})
