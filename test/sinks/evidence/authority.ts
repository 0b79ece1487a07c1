import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface Authority {
  readonly url: string
  /** The certificate of the root. It exists after the first honest answer. */
  readonly root: string
  readonly requests: Buffer[]
}

type Answer = (request: Buffer, honest: () => Buffer, response: ServerResponse) => Buffer | undefined

const config = `
[tsa]
default_tsa = tsa1
[tsa1]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
ess_cert_id_alg = sha256
[timestamping]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
`

/** Starts a timestamp authority on loopback: `openssl ts -reply` in `folder`. `answer` may send something else than its answer. */
export async function startAuthority(
  folder: string,
  answer: Answer = (_request, honest) => honest(),
): Promise<Authority> {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const makeKeys = () => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'tsa.cnf'), config)
    writeFileSync(join(folder, 'serial'), '01\n')
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    openssl('req', '-x509', ...key, '-keyout', 'root.key', '-out', 'root.pem', '-subj', '/CN=Root', '-days', '2')
    openssl('req', '-new', ...key, '-keyout', 'tsa.key', '-out', 'tsa.csr', '-subj', '/CN=Authority')
    const extensions = ['-extfile', 'tsa.cnf', '-extensions', 'timestamping']
    const signed = ['-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial', '-days', '2', ...extensions]
    openssl('x509', '-req', '-in', 'tsa.csr', '-out', 'tsa.pem', ...signed)
  }
  const requests: Buffer[] = []
  const reply = (request: Buffer): Buffer => {
    if (!existsSync(join(folder, 'tsa.pem'))) makeKeys()
    writeFileSync(join(folder, 'request.tsq'), request)
    const made = ['-queryfile', 'request.tsq', '-signer', 'tsa.pem', '-inkey', 'tsa.key', '-chain', 'root.pem']
    openssl('ts', '-reply', '-config', 'tsa.cnf', ...made, '-out', 'answer.tsr')
    return readFileSync(join(folder, 'answer.tsr'))
  }
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const request = Buffer.concat(chunks)
    requests.push(request)
    const body = answer(request, () => reply(request), response)
    if (body !== undefined) response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(body)
  }
  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => server.close().closeAllConnections())
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsa`,
    root: join(folder, 'root.pem'),
    requests,
  }
}
