import { hash } from 'node:crypto'
import { closeSync, futimesSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { inflateLog } from '../../src/disk/inflate.ts'
import { labBucket } from '../../src/lab/fixture.ts'
import { requestHead } from '../../src/s3/http-request.ts'
import { emptyPayloadHash, Signer } from '../../src/s3/sigv4.ts'

/**
 * A program that fetches objects over sockets, with TLS or without, in one thread, signs each request, checks the MD5 and writes whole files as crosstrail does, and
 * does nothing else: no listing, no journal, no check for existing files. It takes about the least time that one thread of Node can take.
 * After a 503 it repeats the call on the same socket, after a random wait below a bound that doubles from 50 ms to 20 s.
 *
 *   node bare-loop.mjs <endpoint> <file of keys, sizes and MD5s> <sockets> <folder> [unzip]
 */
const [endpoint = '', logsFile = '', sockets = '', folder = '', unzip] = process.argv.slice(2)
const { origin, protocol, host, hostname, port } = new URL(endpoint)
const keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' }
const signer = new Signer('us-east-1')
const left = readFileSync(logsFile, 'utf8').trimEnd().split('\n').values()
let serial = 0

function request(key: string): string {
  const path = `/${labBucket}/${key}`
  const payloadHash = emptyPayloadHash
  const signed = signer.sign({ method: 'GET', host, path, query: '', headers: {}, payloadHash }, keys, Date.now())
  return requestHead({ origin, method: 'GET', path, ...signed })
}

/** One socket, and one request at a time, until none is left. */
function serveOne(): void {
  let key = ''
  let sizeBytes = 0
  let md5 = ''
  let received = 0
  let refusals = 0
  const buffer = Buffer.allocUnsafeSlow(65_536)
  const next = (): void => {
    const { value } = left.next()
    if (value === undefined) {
      socket.end()
      return
    }
    const [first = '', second = '', third = ''] = value.split('\t')
    key = first
    sizeBytes = Number(second)
    md5 = third
    refusals = 0
    ask()
  }
  const ask = (): void => {
    received = 0
    socket.write(request(key), 'latin1')
  }
  const take = (length: number, bytes: Uint8Array): boolean => {
    buffer.set(bytes.subarray(0, length), received)
    received += length
    const bodyAt = buffer.indexOf('\r\n\r\n') + 4
    if (bodyAt < 4) return true
    if (buffer.toString('latin1', 9, 12) === '503') {
      const bodyBytes = Number(/content-length: *(\d+)/i.exec(buffer.toString('latin1', 0, bodyAt))?.[1])
      if (Number.isNaN(bodyBytes)) throw new Error(`the refusal of ${key} has no Content-Length`)
      if (received >= bodyAt + bodyBytes) setTimeout(ask, Math.random() * Math.min(20_000, 50 * 2 ** refusals++))
      return true
    }
    if (received < bodyAt + sizeBytes) return true
    const body = buffer.subarray(bodyAt, received)
    if (hash('md5', body) !== md5) throw new Error(`${key} came with other bytes`)
    write(unzip === undefined ? body : inflateLog(body, { maxInflatedBytes: 1_000_000 }))
    next()
    return true
  }
  const onread = { buffer: Buffer.allocUnsafeSlow(65_536), callback: take }
  const address = { host: hostname, port: Number(port), noDelay: true, onread }
  const socket = protocol === 'https:' ? connectTls(address, next) : connectTcp(address, next)
}

function write(body: Buffer): void {
  const temporary = join(folder, `t${serial}`)
  const file = openSync(temporary, 'wx', 0o600)
  writeSync(file, body)
  futimesSync(file, 1_700_000_000, 1_700_000_000)
  closeSync(file)
  renameSync(temporary, join(folder, `f${serial++}`))
}

for (let count = Number(sockets); count > 0; count--) serveOne()
