import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeUnless } from '../describe-unless.ts'
import { tempFolder } from '../disk/temp-folder.ts'
import { bucketFolder, EvidenceWorld, isDigest, newSignKey } from '../e2e/support/evidence-world.ts'
import { startAuthority } from '../sinks/evidence/authority.ts'

const page = readFileSync(resolve(import.meta.dirname, '../../docs/EVIDENCE.md'), 'utf8')
const blocks = [...page.matchAll(/```sh\n([^`]*)```/g)].map(([, lines = '']) => lines)
const [checkFiles = '', checkSignature = '', checkTimestamp = '', addTimestamp = '', checkDigest = '', checkLogs = ''] =
  blocks

let here: EvidenceWorld
/** A signed bag with logs, which the command made. */
let made: string
beforeAll(async () => {
  here = await EvidenceWorld.start()
  made = here.newPath()
  const result = await here.verify('--evidence', made, '--with-logs', '--sign-key', newSignKey())
  expect(result).toMatchObject({ exitCode: 0 })
})
afterAll(() => here.trail.world.stop())

/** A copy of that bag, which a test may change. */
function bag(): string {
  const folder = join(tempFolder(), 'evidence')
  cpSync(made, folder, { recursive: true })
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
    const folder = bag()
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
    const folder = bag()
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
    const stamped = join(parent, 'evidence')
    expect(await here.verify('--evidence', stamped, '--timestamp-url', url)).toMatchObject({ exitCode: 0 })
    const commands = checkTimestamp.replace('authority.pem', `'${root}'`)
    const { exitCode, output } = await type(stamped, commands)
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 })
    expect(output).toContain('Verification: OK')
    expect(output).toContain('Status: Granted.')

    const plain = bag()
    expect((await type(plain, commands)).exitCode).not.toBe(0)
    expect(await type(plain, addTimestamp, { TIMESTAMP_URL: url })).toMatchObject({ exitCode: 0 })
    expect(await type(plain, commands)).toMatchObject({ exitCode: 0 })
    expect(await type(plain, checkFiles)).toEqual({ exitCode: 0, output: '' })
    alter(join(plain, 'tagmanifest-sha256.txt'))
    expect((await type(plain, commands)).exitCode).not.toBe(0)
  })

  describe('with openssl alone', () => {
    test('each digest is checked, and a changed one is found', async () => {
      const folder = bag()
      for (const key of here.keysOf(/CloudTrail-Digest\/us-east-1/).slice(0, 3)) {
        const answer = await type(folder, checkDigest, { DIGEST: `${bucketFolder}/${key}` })
        expect(answer).toMatchObject({ exitCode: 0 })
        expect(answer.output).toContain('Verified OK')
      }
      const [one = '', other = ''] = here.keysOf(isDigest)
      const DIGEST = `${bucketFolder}/${one}`
      writeFileSync(join(folder, `${DIGEST}.signature`), readFileSync(join(folder, bucketFolder, `${other}.signature`)))
      expect((await type(folder, checkDigest, { DIGEST })).exitCode).not.toBe(0)
    })

    test('the logs of a digest are checked, and a changed one is found', async () => {
      const folder = bag()
      const region = here.trail.stream('us-east-1')
      const DIGEST = `${bucketFolder}/${region.digest(2)}`
      expect(await type(folder, checkLogs, { DIGEST })).toEqual({ exitCode: 0, output: '' })
      const log = region.logOf(2)
      alter(join(folder, bucketFolder, log))
      const { output } = await type(folder, checkLogs, { DIGEST })
      expect(output).toContain(`changed: ${log}`)
    })
  })
})
