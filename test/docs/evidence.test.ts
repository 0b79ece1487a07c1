import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { signatureText } from '../../src/disk/signature-file.ts'
import { keysFileText } from '../../src/verbs/verify/keys-file.ts'
import { describeUnless } from '../describe-unless.ts'
import { tempFolder } from '../disk/temp-folder.ts'
import { startAuthority } from '../sinks/evidence/authority.ts'
import { open, report, run } from '../sinks/evidence/bag.ts'
import { bucket, hour, signingKey, type StoredObject, writeChain } from '../verbs/verify/chain-builder.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/EVIDENCE.md'), 'utf8')
const blocks = [...page.matchAll(/```sh\n([^`]*)```/g)].map(([, lines = '']) => lines)
const [checkFiles = '', checkSignature = '', checkTimestamp = '', addTimestamp = '', checkDigest = '', checkLogs = ''] =
  blocks

const startMs = Date.UTC(2026, 10, 1, 14, 1, 31)
const objects = new Map<string, StoredObject>()
let keysText: string
let digestKeys: string[]

beforeAll(() => {
  const key = signingKey(startMs - hour, startMs + 5 * hour)
  digestKeys = writeChain(objects, { startMs, periods: [2, 1], keyOf: () => key })
  keysText = keysFileText([key.public])
})

/** Makes a bag of the chain, with the command's options. */
async function bag(parent: string, timestampUrl?: string): Promise<string> {
  const signKeyFile = join(parent, 'signing-key.pem')
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', signKeyFile])
  chmodSync(signKeyFile, 0o600)
  const folder = join(parent, 'evidence')
  const evidence = open(folder, { signKeyFile, timestampUrl })
  for (const [key, { body, signature, algorithm }] of objects) {
    if (signature === undefined) await evidence.addLog({ bucket, key, body })
    else {
      const metadata = { 'x-amz-meta-signature': signature, 'x-amz-meta-signature-algorithm': algorithm ?? '' }
      await evidence.addDigest({ bucket, key, body }, signatureText(metadata))
    }
  }
  await evidence.addKeys(keysText)
  expect(await evidence.close(run, report)).toMatchObject({ timestampError: undefined })
  return folder
}

const missing = ['sha256sum', 'openssl version', 'jq', 'basenc', 'curl'].find((tool) => {
  const [name = '', argument = '--version'] = tool.split(' ')
  return spawnSync(name, [argument]).status !== 0
})

interface Typed {
  readonly exitCode: number
  readonly output: string
}

function type(folder: string, commands: string, env: Readonly<Record<string, string>> = {}): Promise<Typed> {
  return new Promise((settle) => {
    execFile('sh', ['-c', `set -e\n${commands}`], { cwd: folder, env: { ...process.env, ...env } }, (error, ...said) =>
      settle({ exitCode: error === null ? 0 : Number(error.code), output: said.join('') }),
    )
  })
}

/** Changes one byte. */
function alter(file: string): void {
  const bytes = readFileSync(file)
  const at = Math.floor(bytes.length / 2)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

test('the page has a block for every check', () => {
  expect(blocks).toHaveLength(6)
})

describeUnless(missing === undefined ? undefined : `there is no ${missing}`, 'the commands of EVIDENCE.md', () => {
  test('the files are checked: changed, missing and added ones are found', async () => {
    const folder = await bag(tempFolder())
    expect(await type(folder, checkFiles)).toEqual({ exitCode: 0, output: '' })
    writeFileSync(join(folder, 'data/added'), '')
    expect((await type(folder, checkFiles)).exitCode).not.toBe(0)
    execFileSync('rm', [join(folder, 'data/added')])
    expect((await type(folder, checkFiles)).exitCode).toBe(0)
    for (const file of ['data/report.json', 'manifest-sha256.txt', 'bag-info.txt']) {
      const before = readFileSync(join(folder, file))
      alter(join(folder, file))
      expect(await type(folder, checkFiles), file).not.toMatchObject({ exitCode: 0 })
      writeFileSync(join(folder, file), before)
    }
    expect((await type(folder, checkFiles)).exitCode).toBe(0)
  })

  test('the signature is checked, and the SHA-256 of the key is that of bag-info.txt', async () => {
    const folder = await bag(tempFolder())
    const { exitCode, output } = await type(folder, checkSignature)
    expect(exitCode).toBe(0)
    expect(output).toContain('Signature Verified Successfully')
    const [, sha256 = ''] = /Signing-Key-SHA256: (.*)/.exec(readFileSync(join(folder, 'bag-info.txt'), 'utf8')) ?? []
    expect(output).toContain(sha256)
    alter(join(folder, 'tagmanifest-sha256.txt'))
    expect((await type(folder, checkSignature)).exitCode).not.toBe(0)
  })

  test('the timestamp is checked, and one can be added later', async () => {
    const parent = tempFolder()
    const { url, root } = await startAuthority(join(parent, 'authority'))
    const stamped = await bag(parent, url)
    const commands = checkTimestamp.replace('authority.pem', `'${root}'`)
    const { exitCode, output } = await type(stamped, commands)
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 })
    expect(output).toContain('Verification: OK')
    expect(output).toContain('Status: Granted.')

    const plain = await bag(tempFolder())
    expect((await type(plain, commands)).exitCode).not.toBe(0)
    expect(await type(plain, addTimestamp, { TIMESTAMP_URL: url })).toMatchObject({ exitCode: 0 })
    expect(await type(plain, commands)).toMatchObject({ exitCode: 0 })
    expect(await type(plain, checkFiles)).toEqual({ exitCode: 0, output: '' })
    alter(join(plain, 'tagmanifest-sha256.txt'))
    expect((await type(plain, commands)).exitCode).not.toBe(0)
  })

  describe('with openssl alone', () => {
    test('each digest is checked, and a changed one is found', async () => {
      const folder = await bag(tempFolder())
      for (const key of digestKeys) {
        const answer = await type(folder, checkDigest, { DIGEST: `data/trail/${bucket}/${key}` })
        expect(answer).toMatchObject({ exitCode: 0 })
        expect(answer.output).toContain('Verified OK')
      }
      const DIGEST = `data/trail/${bucket}/${digestKeys[0] ?? ''}`
      writeFileSync(
        join(folder, `${DIGEST}.signature`),
        readFileSync(join(folder, `data/trail/${bucket}/${digestKeys[1] ?? ''}.signature`)),
      )
      expect((await type(folder, checkDigest, { DIGEST })).exitCode).not.toBe(0)
    })

    test('the logs of a digest are checked, and a changed one is found', async () => {
      const folder = await bag(tempFolder())
      const DIGEST = `data/trail/${bucket}/${digestKeys[0] ?? ''}`
      expect(await type(folder, checkLogs, { DIGEST })).toEqual({ exitCode: 0, output: '' })
      const [log = ''] = [...objects].flatMap(([key, { signature }]) => (signature === undefined ? [key] : []))
      alter(join(folder, 'data/trail', bucket, log))
      const { output } = await type(folder, checkLogs, { DIGEST })
      expect(output).toContain(`changed: ${log}`)
    })
  })
})
