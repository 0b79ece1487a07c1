import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jsonLines } from './support/crosstrail.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

let world: LabWorld
let server: Server
let blocked: string
beforeAll(async () => {
  world = await labWorld({ sample: { objects: 20 } })
  server = createServer((request, response) => {
    request.resume()
    response.writeHead(403, { 'content-type': 'text/html', server: 'ExampleGuard' })
    response.end('<html><head><title>Blocked by policy</title></head></html>')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  blocked = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.close().closeAllConnections()
  await world.stop()
})

test.each([
  ['S3', 'AWS_ENDPOINT_URL_S3', 'ListObjectsV2 of s3://'],
  ['STS', 'AWS_ENDPOINT_URL_STS', 'the answer to the POST request is not from AWS'],
])(
  'a web page in place of an answer of %s is not reported as missing access, and names what answered',
  async (_, variable, call) => {
    const { exitCode, stderr } = await world.run(['list', 'B', '--output', 'json'], { env: { [variable]: blocked } })
    expect(exitCode).toBe(1)
    const line = stderr.split('\n').find((text) => text.startsWith('{"error"'))
    expect(jsonLines(`${line}\n`)[0]).toMatchObject({
      error: { code: 'network.foreign-answer', facts: { status: 403, origin: blocked, server: 'ExampleGuard' } },
    })
    expect(stderr).toContain(call)
    expect(stderr).toContain('title \\"Blocked by policy\\"')
  },
)

test('doctor blames this machine and prints no policy', async () => {
  const { stdout } = await world.run(['doctor', 'B', '--output', 'json'], { env: { AWS_ENDPOINT_URL_S3: blocked } })
  const failed = jsonLines(stdout).find(({ status }) => status === 'failed')
  expect(failed).toMatchObject({ step: 'bucket', code: 'network.foreign-answer', sides: ['machine'] })
})
