import { hash } from 'node:crypto'
import { closeSync, futimesSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { labBucket } from '../../src/lab/fixture.ts'
import { requestHead } from '../../src/s3/http-request.ts'
import { emptyPayloadHash, Signer } from '../../src/s3/sigv4.ts'
import type { StoredLog } from './stored-log.ts'

const keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' }
const sockets = 64

/**
 * Objects a second, by a loop over plain sockets that signs, checks the MD5 and writes files as crosstrail does, and does nothing else: no
 * listing, no retry, no journal. Throws for an answer that is not whole.
 */
export async function bareLoop(endpoint: string, logs: readonly StoredLog[], folder: string): Promise<number> {
  mkdirSync(folder)
  const startedAt = performance.now()
  const left = logs.values()
  await Promise.all(Array.from({ length: sockets }, () => serveOne(endpoint, left, folder)))
  const seconds = (performance.now() - startedAt) / 1000
  rmSync(folder, { recursive: true })
  return logs.length / seconds
}

const signer = new Signer('us-east-1')

function request(endpoint: string, key: string): string {
  const { origin, host } = new URL(endpoint)
  const path = `/${labBucket}/${key}`
  const payloadHash = emptyPayloadHash
  const signed = signer.sign({ method: 'GET', host, path, query: '', headers: {}, payloadHash }, keys, Date.now())
  return requestHead({ origin, method: 'GET', path, ...signed })
}

/** One socket, and one request at a time, until none is left. */
function serveOne(endpoint: string, left: Iterator<StoredLog>, folder: string): Promise<void> {
  const { hostname, port } = new URL(endpoint)
  return new Promise((resolve, reject) => {
    let log: StoredLog | undefined
    let received = Buffer.alloc(0)
    const socket = connect(Number(port), hostname)
    const next = (): void => {
      const { value } = left.next() as IteratorResult<StoredLog, undefined>
      log = value
      if (log === undefined) socket.end(resolve)
      else socket.write(request(endpoint, log.key), 'latin1')
    }
    socket.once('connect', next)
    socket.once('error', reject)
    socket.on('data', (chunk) => {
      if (log === undefined) return
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
      const end = received.indexOf('\r\n\r\n')
      if (end === -1 || received.length < end + 4 + log.sizeBytes) return
      const body = received.subarray(end + 4)
      received = Buffer.alloc(0)
      if (hash('md5', body) !== log.md5) return reject(new Error(`${log.key} came with other bytes`))
      write(folder, body)
      next()
    })
  })
}

let serial = 0

function write(folder: string, body: Buffer): void {
  const temporary = join(folder, `t${serial}`)
  const file = openSync(temporary, 'wx', 0o600)
  writeSync(file, body)
  futimesSync(file, 1_700_000_000, 1_700_000_000)
  closeSync(file)
  renameSync(temporary, join(folder, `f${serial++}`))
}
