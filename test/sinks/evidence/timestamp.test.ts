import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createHttpClient } from '../../../src/s3/http-client.ts'
import { askTimestamp, type Timestamp } from '../../../src/sinks/evidence/timestamp/ask-timestamp.ts'
import { der, DerReader, tags } from '../../../src/sinks/evidence/timestamp/der.ts'
import { readTimestamp, WrongTimestamp } from '../../../src/sinks/evidence/timestamp/timestamp-answer.ts'
import { timestampRequest } from '../../../src/sinks/evidence/timestamp/timestamp-request.ts'
import { timestampUrl } from '../../../src/sinks/evidence/timestamp/timestamp-url.ts'
import { CrosstrailError } from '../../../src/error.ts'
import { codeOf } from '../../disk/error-code.ts'
import { tempFolder } from '../../disk/temp-folder.ts'
import { startAuthority } from './authority.ts'
import { checkedPaths, open, report, run, text } from './bag.ts'

const sha256 = createHash('sha256').update('evidence').digest()
const quick = { maxAttempts: 3, baseDelayMs: 1, maxDelayMs: 1 }

async function ask(
  url: string,
  {
    hash = sha256,
    signal,
    env = {},
  }: { hash?: Buffer; signal?: AbortSignal | undefined; env?: Record<string, string> } = {},
): Promise<Timestamp> {
  const http = createHttpClient({ env })
  try {
    return await askTimestamp(hash, { url: timestampUrl(url), http, retry: quick, signal })
  } finally {
    await http.close()
  }
}

async function failure(url: string, signal?: AbortSignal): Promise<CrosstrailError> {
  try {
    await ask(url, { signal })
  } catch (error) {
    if (error instanceof CrosstrailError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('a bag with a timestamp is accepted by openssl, until the tag manifest changes', async () => {
  const parent = tempFolder()
  const { url, root } = await startAuthority(join(parent, 'authority'))
  const folder = join(parent, 'evidence')
  const before = Date.now()
  const timestampUrl = `${url}?token=a-secret-of-the-authority`
  const command = ['crosstrail', 'verify', '--timestamp-url', timestampUrl]
  const result = await open(folder, { timestampUrl }).close({ ...run, command }, report)
  expect(result.timestampError).toBeUndefined()
  expect(Math.abs((result.timestampMs ?? 0) - before)).toBeLessThan(60_000)
  checkedPaths(folder)
  expect(text(folder, 'bag-info.txt')).toContain(`Timestamp: RFC 3161, in tagmanifest-sha256.txt.tsr, by ${url}\n`)
  for (const file of ['bag-info.txt', 'data/report.json', 'data/report.md']) {
    expect(text(folder, file)).toContain('--timestamp-url')
    expect(text(folder, file)).not.toContain('a-secret-of-the-authority')
  }
  const verify = (data: string) =>
    execFileSync('openssl', ['ts', '-verify', '-data', data, '-in', 'tagmanifest-sha256.txt.tsr', '-CAfile', root], {
      cwd: folder,
      stdio: 'pipe',
    }).toString()
  expect(verify('tagmanifest-sha256.txt')).toContain('Verification: OK')
  expect(() => verify('manifest-sha256.txt')).toThrow()
})

test('openssl reads the request as meant', () => {
  const { bytes, nonce } = timestampRequest(sha256)
  const file = join(tempFolder(), 'request.tsq')
  writeFileSync(file, bytes)
  const shown = execFileSync('openssl', ['ts', '-query', '-in', file, '-text'], { stdio: 'pipe' }).toString()
  expect(shown).toContain('Version: 1')
  expect(shown).toContain('Hash Algorithm: sha256')
  expect(shown).toContain(`Nonce: 0x${nonce.toString('hex').toUpperCase()}`)
  expect(shown).toContain('Certificate required: yes')
  expect(shown.replace(/^ +[0-9a-f]{4} - ((?:[0-9a-f]{2}[ -]){16}).*$/gm, '$1').replace(/[ \n-]/g, '')).toContain(
    sha256.toString('hex'),
  )
})

describe('a timestamp is refused', () => {
  test('if it is the answer to another request', async () => {
    let old: Buffer | undefined
    const { url } = await startAuthority(tempFolder(), (_request, honest) => (old ??= honest()))
    await ask(url)
    expect(await failure(url)).toMatchObject({
      code: 'network.timestamp-failed',
      message: `no timestamp from ${url}: the authority sent the answer to another request: its nonce differs`,
    })
    const hash = createHash('sha256').update('other').digest()
    await expect(ask(url, { hash })).rejects.toThrow('the authority sent the timestamp of another hash')
  })

  test('if the authority refuses the request, with its words', async () => {
    const words = der(tags.sequence, der(tags.utf8String, Buffer.from('no \u001b[2Jcredit')))
    const refused = der(tags.sequence, der(tags.sequence, der(tags.integer, Buffer.from([2])), words))
    const { url, requests } = await startAuthority(tempFolder(), () => refused)
    expect((await failure(url)).message).toBe(
      `no timestamp from ${url}: the authority refused the request with the status 2: no \\u{1b}[2Jcredit`,
    )
    expect(requests).toHaveLength(1)
  })

  test.each([
    ['is not DER', () => Buffer.from('<html>')],
    ['is empty', () => Buffer.alloc(0)],
    ['is granted without a timestamp', () => Buffer.from('30053003020100', 'hex')],
    ['is cut off', (honest: () => Buffer) => honest().subarray(0, -1)],
    ['has bytes behind it', (honest: () => Buffer) => Buffer.concat([honest(), Buffer.from([0])])],
  ])('if the answer %s', async (_, answer) => {
    const { url } = await startAuthority(tempFolder(), (_request, honest) => answer(honest))
    expect((await failure(url)).message).toContain('the authority sent no timestamp that can be read')
  })

  test.each([
    [404, 'text/html', 'the answer is 404 with text/html', 1],
    [302, 'text/html', 'the answer is 302 with a redirect, which is not followed', 1],
    [200, 'text/html', 'the answer is 200 with text/html', 1],
    [503, 'text/plain', 'the answer is 503 with text/plain', 3],
  ])('if the server answers %i with %s', async (status, type, says, calls) => {
    const { url, requests } = await startAuthority(tempFolder(), (_request, _honest, response) => {
      response.writeHead(status, { 'content-type': type, location: '/elsewhere' }).end('no')
      return undefined
    })
    expect((await failure(url)).message).toContain(says)
    expect(requests).toHaveLength(calls)
  })

  test('if it is endless', async () => {
    const { url } = await startAuthority(tempFolder(), () => Buffer.alloc(2_000_000))
    expect((await failure(url)).message).toContain('larger than 1024 KiB')
  })
})

test('the request goes through the proxy of the environment, and a wrong proxy is found before the run', async () => {
  const { url } = await startAuthority(tempFolder())
  const opened: string[] = []
  const proxy = createServer().on('connect', (incoming, client: Socket) => {
    opened.push(incoming.url ?? '')
    const server = connect(Number(new URL(url).port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      client.pipe(server).pipe(client)
    })
  })
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void proxy.close())
  const { port } = proxy.address() as AddressInfo
  await ask(url, { env: { HTTP_PROXY: `http://127.0.0.1:${port}` } })
  expect(opened).toEqual([new URL(url).host])
  const parent = tempFolder()
  const wrong = { timestampUrl: url, env: { HTTPS_PROXY: 'socks5://proxy' } }
  expect(codeOf(() => open(join(parent, 'evidence'), wrong))).toBe('config.proxy')
  expect(readdirSync(parent)).toEqual([])
})

test('an overloaded authority is asked again', async () => {
  let calls = 0
  const { url } = await startAuthority(tempFolder(), (_request, honest, response) => {
    if (++calls === 3) return honest()
    response.writeHead(503).end()
    return undefined
  })
  await expect(ask(url)).resolves.toBeDefined()
})

test('an interrupt ends the wait for a timestamp', async () => {
  const controller = new AbortController()
  const { url } = await startAuthority(tempFolder(), () => {
    controller.abort()
    return undefined
  })
  expect((await failure(url, controller.signal)).code).toBe('interrupted')
})

test('if there is no timestamp, the bag is complete without it, says why, and the result has the error', async () => {
  const { url } = await startAuthority(tempFolder(), () => Buffer.from('no'))
  const folder = join(tempFolder(), 'evidence')
  const { timestampError, timestampMs } = await open(folder, { timestampUrl: url }).close(run, report)
  expect(timestampError?.code).toBe('network.timestamp-failed')
  expect(timestampMs).toBeUndefined()
  checkedPaths(folder)
  expect(text(folder, 'bag-info.txt')).toContain(`Timestamp: none: ${timestampError?.message ?? ''}\n`)
  expect(() => readFileSync(join(folder, 'tagmanifest-sha256.txt.tsr'))).toThrow('ENOENT')
})

test.each([
  ['https://tsa.example.com/path?query', true],
  ['http://127.0.0.1:8080/', true],
  ['http://localhost/', true],
  ['http://[::1]:1/', true],
  ['http://tsa.example.com/', false],
  ['http://127.0.0.1.example.com/', false],
  ['https://user:password@tsa.example.com/', false],
  ['ftp://tsa.example.com/', false],
  ['tsa.example.com', false],
])('the address %s is allowed: %s', (url, isAllowed) => {
  expect(codeOf(() => timestampUrl(url))).toBe(isAllowed ? 'none' : 'usage.invalid-value')
})

describe('DER', () => {
  test('what is written is read again, whatever its length', () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      const written = der(tags.octetString, Buffer.alloc(length, 1))
      const reader = new DerReader(written)
      expect(reader.read(tags.octetString)).toHaveLength(length)
      reader.end()
    }
  })

  test.each([
    ['an indefinite length', '04800000'],
    ['a length longer than needed', '04810101'],
    ['a length with a leading zero', '0482000101'],
    ['a length of five bytes', '0485000000000101'],
    ['an end inside the length', '0482'],
    ['an end inside the value', '0402ff'],
    ['no value', ''],
  ])('%s is refused', (_, hex) => {
    expect(() => new DerReader(Buffer.from(hex, 'hex')).read(tags.octetString)).toThrow(/it ends|longer|DER|tag/)
  })

  test('no answer is more than refused', () => {
    const request = timestampRequest(sha256)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(() => readTimestamp(bytes, request)).toThrow(WrongTimestamp)
      }),
    )
  })
})

test('a changed byte of an answer leads to a time or a refusal, and never to the timestamp of another hash', async () => {
  let answer: Buffer = Buffer.alloc(0)
  const { url, requests } = await startAuthority(tempFolder(), (_request, honest) => (answer = honest()))
  const { atMs } = await ask(url)
  const [bytes = Buffer.alloc(0)] = requests
  // The nonce, and `certReq TRUE` after it.
  const request = { bytes, sha256, nonce: bytes.subarray(-11, -3) }
  expect(readTimestamp(answer, request)).toBe(atMs)
  let accepted = 0
  for (let at = 0; at < answer.length; at++) {
    for (const mask of [0x01, 0x80, 0xff]) {
      const changed = Buffer.from(answer)
      changed[at] = (changed[at] ?? 0) ^ mask
      try {
        expect(readTimestamp(changed, request)).toBeTypeOf('number')
        accepted++
      } catch (error) {
        expect(error).toBeInstanceOf(WrongTimestamp)
      }
    }
  }
  // The signature and the certificates are left to openssl.
  expect(accepted).toBeGreaterThan(answer.length)
  for (const part of [sha256, request.nonce]) {
    const changed = Buffer.from(answer)
    const at = changed.indexOf(part)
    changed[at] = (changed[at] ?? 0) ^ 0x01
    expect(() => readTimestamp(changed, request)).toThrow(WrongTimestamp)
  }
})
