import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { labAccounts, labBucket } from '../../../src/lab/fixture.ts'
import { type Lab, startLab } from '../../../src/lab/lab.ts'
import { eventRow } from '../../../src/records/event-row.ts'
import { BucketAccess } from '../../../src/s3/bucket-access.ts'
import { copyTarget } from '../../../src/sinks/bucket/places.ts'
import { BucketPlace, type BucketPlaceOptions } from '../../../src/sinks/parquet/bucket-place.ts'
import { openDataset, openDatasetAt } from '../../../src/sinks/parquet/dataset.ts'
import type { PartNames } from '../../../src/sinks/parquet/part-names.ts'
import { codeOfAsync } from '../../disk/error-code.ts'
import { tempFolder } from '../../disk/temp-folder.ts'
import { duckRowsOf, parquetFilesBelow } from './read-parquet.ts'

const mebibyte = 1024 ** 2
const { signal } = new AbortController()
const folder = 'account=222222222222/region=us-east-1/date=2026-11-30'
const noonMs = Date.parse('2026-11-30T12:00:00Z')
const log = { logAccount: '222222222222', region: 'us-east-1', kind: 'events', file: 'a.json.gz' }

let lab: Lab
let buckets: BucketAccess
let prefix = ''
let prefixes = 0

beforeAll(async () => {
  lab = await startLab()
  vi.stubEnv('AWS_ENDPOINT_URL_S3', lab.endpoint)
  lab.addBucket({ name: 'lake', owner: labAccounts.A, region: 'us-east-1' })
  const trail = { bucket: labBucket, owner: labAccounts.A, region: 'us-east-1', requesterPays: false, prefix: '' }
  buckets = new BucketAccess({ trail, env: {}, maxConcurrency: 8, stallTimeoutMs: 1000, maxAttempts: 4 })
})
afterAll(async () => {
  await buckets.close()
  await lab.stop()
  vi.unstubAllEnvs()
})
beforeEach(() => {
  prefix = `lake${++prefixes}/`
  lab.requests.clear()
})
afterEach(() => lab.setFaults({}))

function newPlace(options: Partial<BucketPlaceOptions> = {}): BucketPlace {
  const keys = { current: () => lab.principals.admin, renew: () => Promise.resolve(lab.principals.admin) }
  const place = { bucket: 'lake', owner: labAccounts.A, region: 'us-east-1', requesterPays: false, storage: {} }
  const openSide = () => Promise.resolve(copyTarget(buckets, place, keys, () => undefined))
  return new BucketPlace({ openSide, prefix, folder: tempFolder(), signal, ...options })
}

function fileWith(body: Buffer | string): string {
  const path = join(tempFolder(), 'new.parquet')
  writeFileSync(path, body)
  return path
}

const put = (name: string, body: Buffer | string, at = folder) => lab.bucket('lake').put(`${prefix}${at}/${name}`, body)
const stored = (name: string) => lab.bucket('lake').get(`${prefix}${folder}/${name}`)?.body
const every = () => true

interface Event {
  readonly eventID?: string
}

async function write(events: readonly Event[], names?: PartNames) {
  const dataset = await openDatasetAt({ place: newPlace(), tempFolder: tempFolder(), names })
  return added(dataset, events)
}

async function added(dataset: Awaited<ReturnType<typeof openDataset>>, events: readonly Event[]) {
  try {
    for (const event of events) await dataset.add(eventRow(Buffer.from(JSON.stringify(event)), log), noonMs)
    return await dataset.close()
  } finally {
    await dataset.abort()
  }
}

/** A Parquet file with these events, as crosstrail writes it. */
async function parquetOf(events: readonly Event[]): Promise<Buffer> {
  const root = tempFolder()
  await added(await openDataset({ root }), events)
  return readFileSync(join(root, parquetFilesBelow(root)[0] ?? ''))
}

async function storedIds(): Promise<string[]> {
  const place = newPlace()
  const files = await place.filesOf(folder, every)
  const root = tempFolder()
  mkdirSync(join(root, folder), { recursive: true })
  for (const path of files) writeFileSync(join(root, folder, basename(path)), readFileSync(path))
  return (await duckRowsOf(root)).map(({ eventID }) => String(eventID)).toSorted()
}

test('a file becomes an object with a checksum that S3 compares, and the local file is removed', async () => {
  const path = fileWith('content')
  expect(await newPlace().publish(path, folder, 'part-1.parquet')).toBe('published')
  expect(stored('part-1.parquet')?.toString()).toBe('content')
  expect(existsSync(path)).toBe(false)
  const [request] = lab.requests.recent('PutObject')
  expect(request?.headers).toMatchObject({ 'if-none-match': '*', 'content-type': 'application/vnd.apache.parquet' })
  expect(request?.headers['content-md5']).toBeDefined()
})

test('a large file is uploaded in parts, and S3 compares the whole', async () => {
  const body = randomBytes(13 * mebibyte)
  expect(await newPlace({ maxHeldBytes: 5 * mebibyte }).publish(fileWith(body), folder, 'large.parquet')).toBe(
    'published',
  )
  expect(stored('large.parquet')?.equals(body)).toBe(true)
  const [complete] = lab.requests.recent('CompleteMultipartUpload')
  expect(complete?.headers).toMatchObject({ 'if-none-match': '*' })
  expect(complete?.headers['x-amz-checksum-crc64nvme']).toBeDefined()
  expect(lab.requests.count('UploadPart')).toBe(3)
})

test.each([
  ['PutObject', 'small', 1000],
  ['CompleteMultipartUpload', 'large', 13 * mebibyte],
])('a lost answer of %s neither fails nor stores a %s file twice', async (operation, _, sizeBytes) => {
  const body = randomBytes(sizeBytes)
  lab.setFaults({ rules: [{ fault: 'resetBeforeHeaders', probability: 1, operations: [operation], times: 1 }] })
  const place = newPlace({ maxHeldBytes: 5 * mebibyte })
  expect(await place.publish(fileWith(body), folder, 'part.parquet')).toBe('published')
  expect(stored('part.parquet')?.equals(body)).toBe(true)
  expect(lab.bucket('lake').uploads.size).toBe(0)
})

test('an upload whose parts were joined is recognized if S3 then answers that the object exists', async () => {
  const body = randomBytes(6 * mebibyte)
  let completed = 0
  lab.setFaults({
    hook({ operation }) {
      if (operation !== 'CompleteMultipartUpload') return undefined
      if (++completed === 1) return 'resetBeforeHeaders'
      return {
        status: 412,
        code: 'PreconditionFailed',
        message: 'At least one of the pre-conditions you specified did not hold',
      }
    },
  })
  const place = newPlace({ maxHeldBytes: 5 * mebibyte })
  expect(await place.publish(fileWith(body), folder, 'part.parquet')).toBe('published')
  expect(stored('part.parquet')?.equals(body)).toBe(true)
})

test.each([
  ['PutObject', 1000],
  ['CompleteMultipartUpload', 13 * mebibyte],
])('an object that appears before %s is never replaced', async (operation, sizeBytes) => {
  lab.setFaults({
    hook(request) {
      if (request.operation === operation) put('part.parquet', 'theirs')
      return undefined
    },
  })
  const place = newPlace({ maxHeldBytes: 5 * mebibyte })
  expect(await place.publish(fileWith(randomBytes(sizeBytes)), folder, 'part.parquet')).toBe('differs')
  expect(stored('part.parquet')?.toString()).toBe('theirs')
  expect(lab.bucket('lake').uploads.size).toBe(0)
})

test('a file that an earlier run published is present, and one of equal size with other content differs', async () => {
  put('part.parquet', 'content')
  expect(await newPlace().publish(fileWith('content'), folder, 'part.parquet')).toBe('present')
  expect(await newPlace().publish(fileWith('CONTENT'), folder, 'part.parquet')).toBe('differs')
  expect(lab.requests.count('PutObject')).toBe(0)
})

test('only the Parquet files of the partition itself are read, and each once', async () => {
  put('a.parquet', 'a')
  put('b.parquet', 'b')
  put('notes.txt', 'c')
  put('below/c.parquet', 'd')
  put('d.parquet', 'e', `${folder}-other`)
  const place = newPlace()
  const paths = await place.filesOf(folder, every)
  expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['a', 'b'])
  expect(await place.filesOf(folder, (name) => name === 'b.parquet')).toEqual([paths[1]])
  expect(lab.requests.count('GetObject')).toBe(2)
  expect(lab.requests.count('ListObjectsV2')).toBe(1)
})

test('copies of earlier partitions are removed when they no longer fit', async () => {
  const copies = tempFolder()
  const place = newPlace({ folder: copies, keptBytes: 10 })
  for (const at of ['x', 'y', 'z']) put('a.parquet', '123456', at)
  const [x = ''] = await place.filesOf('x', every)
  const [y = ''] = await place.filesOf('y', every)
  expect(readdirSync(copies)).toEqual([basename(y)])
  expect(existsSync(x)).toBe(false)
  await place.filesOf('z', every)
  const [again = ''] = await place.filesOf('x', every)
  expect(readFileSync(again, 'utf8')).toBe('123456')
  expect(lab.requests.count('GetObject')).toBe(4)
})

test.each(['wrongByte', 'shortBody', 'resetMidBody'] as const)('a file is read again after %s', async (fault) => {
  put('a.parquet', 'the whole file')
  lab.setFaults({ rules: [{ fault, probability: 1, operations: ['GetObject'], times: 1 }] })
  const [path = ''] = await newPlace().filesOf(folder, every)
  expect(readFileSync(path, 'utf8')).toBe('the whole file')
})

const names = { stamp: '20261130T120000Z', random: '0123abcd' }
const name = `part-${names.stamp}-0001-${names.random}.parquet`

test('a run that is repeated with the same names adds nothing, not even events without an id', async () => {
  expect(await write([{ eventID: 'a' }, {}], names)).toMatchObject({ files: 1, rows: 2 })
  expect(await write([{ eventID: 'a' }, {}], names)).toMatchObject({ files: 0, rows: 0, known: 2 })
  expect(await write([{ eventID: 'a' }, { eventID: 'b' }])).toMatchObject({ files: 1, rows: 1, known: 1 })
  expect(await storedIds()).toEqual(['a', 'b', 'null'])
})

test('another file of the same name is enough if it holds the events', async () => {
  put(name, await parquetOf([{ eventID: 'c' }, { eventID: 'b' }, { eventID: 'a' }]))
  expect(await write([{ eventID: 'a' }, { eventID: 'b' }], names)).toMatchObject({ files: 0, rows: 0, known: 2 })
})

test('another file of the same name that lacks an event is kept, and the run fails with its name', async () => {
  const theirs = await parquetOf([{ eventID: 'a' }])
  put(name, theirs)
  const writing = write([{ eventID: 'a' }, { eventID: 'b' }], names)
  await expect(writing).rejects.toMatchObject({
    code: 'object.differs',
    message: expect.stringContaining(`${folder}/${name}`) as string,
  })
  expect(stored(name)?.equals(theirs)).toBe(true)
})

test('a damaged file in the partition is an error that names it', async () => {
  put('theirs.parquet', 'no Parquet at all')
  const writing = write([{ eventID: 'a' }])
  expect(await codeOfAsync(() => writing)).toBe('object.not-a-dataset')
  await expect(writing).rejects.toThrow('theirs.parquet')
})

test('attempts to write the same events at the same time write each once, also after one that was killed', async () => {
  const names = { stamp: '20261130T000000Z', random: '0123abcd' }
  const rivals = async (events: readonly Event[], place = newPlace()) =>
    added(await openDatasetAt({ place, tempFolder: tempFolder(), names, hasRivals: true, bufferBytes: 4000 }), events)
  const events = Array.from({ length: 120 }, (_, at) => ({
    ...(at % 30 !== 0 && { eventID: `e-${at}` }),
    eventName: `n${at}`,
  }))
  const killed = newPlace()
  let left = 1
  const publish = killed.publish.bind(killed)
  killed.publish = (...file) => (left-- === 0 ? Promise.reject(new Error('killed')) : publish(...file))
  await expect(rivals(events, killed)).rejects.toThrow('killed')
  const { length: before } = lab
    .bucket('lake')
    .keys()
    .filter((key) => key.startsWith(prefix))
  expect(before).toBe(1)
  await Promise.all([rivals(events.toReversed()), rivals(events), rivals(events.slice(60))])
  const root = tempFolder()
  for (const key of lab
    .bucket('lake')
    .keys()
    .filter((each) => each.startsWith(prefix))) {
    const path = join(root, key.slice(prefix.length))
    mkdirSync(join(path, '..'), { recursive: true })
    writeFileSync(path, lab.bucket('lake').get(key)?.body ?? '')
  }
  const rows = await duckRowsOf(root)
  expect(rows.map(({ eventName }) => String(eventName)).toSorted()).toEqual(
    events.map(({ eventName }) => eventName).toSorted(),
  )
})
