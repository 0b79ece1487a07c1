import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type Server } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Certificate, makeCertificate } from '../../scripts/bench/certificate.ts'

let folder: string
let made: Certificate
let server: Server

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crosstrail-bench-certificate-'))
  made = makeCertificate(folder, ['127.0.0.1', 's3.bench.test'])
  server = createServer({ key: readFileSync(made.keyFile), cert: readFileSync(made.certificateFile) })
  server.on('tlsClientError', () => undefined)
  await once(server.listen(0, '127.0.0.1'), 'listening')
})

afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

async function trusted(servername: string | undefined, ca: string | undefined): Promise<boolean> {
  const { port } = server.address() as AddressInfo
  const socket = connect({ host: '127.0.0.1', port, ...(servername !== undefined && { servername }), ca })
  try {
    await once(socket, 'secureConnect')
    return socket.authorized
  } finally {
    socket.destroy()
  }
}

test.each([[undefined], ['s3.bench.test']])(
  'a client that knows the authority trusts the server as %s',
  async (name) => {
    expect(await trusted(name, readFileSync(made.authorityFile, 'utf8'))).toBe(true)
  },
)

test('a name that the certificate lacks is refused', async () => {
  const authority = readFileSync(made.authorityFile, 'utf8')
  await expect(trusted('s3.amazonaws.com', authority)).rejects.toThrow("does not match certificate's altnames")
})

test('a client that does not know the authority refuses the server', async () => {
  await expect(trusted('s3.bench.test', undefined)).rejects.toThrow('certificate')
})

test('the key of the authority is deleted', () => {
  expect(existsSync(made.keyFile)).toBe(true)
  expect(readdirSync(folder).filter((name) => name.endsWith('.key'))).toEqual(['server.key'])
})
