import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CrosstrailError } from '../../../src/error.ts'
import { readSignKey } from '../../../src/sinks/evidence/sign-key.ts'
import { maskedText } from '../../../src/secrets/masked-text.ts'
import { codeOf } from '../../disk/error-code.ts'
import { tempFolder } from '../../disk/temp-folder.ts'
import { checkedPaths, open, report, run, text } from './bag.ts'

function keyFile(folder: string, ...args: string[]): string {
  const file = join(folder, 'key.pem')
  execFileSync('openssl', ['genpkey', ...args, '-out', file], { stdio: 'ignore' })
  chmodSync(file, 0o600)
  return file
}

function refusal(act: () => unknown): CrosstrailError {
  try {
    act()
  } catch (error) {
    if (error instanceof CrosstrailError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('a bag with a signing key has a signature that openssl accepts, until the tag manifest changes', async () => {
  const parent = tempFolder()
  const signKeyFile = keyFile(parent, '-algorithm', 'ed25519')
  const folder = join(parent, 'evidence')
  const { signingKey } = await open(folder, { signKeyFile }).close(run, report)
  checkedPaths(folder)
  const sha256 = execFileSync('sh', ['-c', `openssl pkey -in '${signKeyFile}' -pubout -outform DER | sha256sum`])
  expect(signingKey).toBe(sha256.toString().split(' ')[0])
  expect(text(folder, 'bag-info.txt')).toContain(
    `Signature: Ed25519, in tagmanifest-sha256.txt.sig\nSigning-Key-SHA256: ${signingKey ?? ''}\n`,
  )
  expect(text(folder, 'data/report.md')).toContain(
    `| signature | Ed25519, by the key whose SHA-256 is ${signingKey ?? ''} |`,
  )
  const verify = () =>
    execFileSync(
      'openssl',
      'pkeyutl -verify -rawin -pubin -inkey signing-public-key.pem -in tagmanifest-sha256.txt -sigfile tagmanifest-sha256.txt.sig'.split(
        ' ',
      ),
      { cwd: folder, stdio: 'pipe' },
    ).toString()
  expect(verify()).toContain('Signature Verified Successfully')
  writeFileSync(join(folder, 'tagmanifest-sha256.txt'), `${text(folder, 'tagmanifest-sha256.txt')}\n`)
  expect(verify).toThrow()
})

test.each([
  ['another type', ['-algorithm', 'RSA'], 'is a key of the type rsa, not Ed25519'],
  ['a passphrase', ['-algorithm', 'ed25519', '-aes256', '-pass', 'pass:secret'], 'is encrypted'],
])('a key with %s is refused', (_, args, says) => {
  const file = keyFile(tempFolder(), ...args)
  expect(refusal(() => readSignKey(file))).toMatchObject({
    code: 'usage.sign-key',
    message: `the signing key ${file} ${says}`,
  })
})

test('a file that other users can read is refused before it is read', () => {
  const file = keyFile(tempFolder(), '-algorithm', 'ed25519')
  for (const mode of [0o604, 0o602]) {
    chmodSync(file, mode)
    expect(refusal(() => readSignKey(file))).toMatchObject({ code: 'usage.sign-key', hint: `run: chmod 600 ${file}` })
  }
})

test('a missing file, a public key, and a file without a key are refused without showing them', () => {
  const folder = tempFolder()
  const file = join(folder, 'key.pem')
  expect(codeOf(() => readSignKey(file))).toBe('usage.sign-key')
  for (const content of [
    '',
    'hunter2-hunter2-hunter2',
    '-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n',
  ]) {
    writeFileSync(file, content, { mode: 0o600 })
    const { code, message, cause } = refusal(() => readSignKey(file))
    expect({ code, message, cause }).toEqual({
      code: 'usage.sign-key',
      message: `the signing key ${file} is not a private key in PEM`,
      cause: undefined,
    })
  }
  const other = keyFile(folder, '-algorithm', 'ed25519')
  execFileSync('openssl', ['pkey', '-in', other, '-pubout', '-out', join(folder, 'public.pem')])
  chmodSync(join(folder, 'public.pem'), 0o600)
  expect(codeOf(() => readSignKey(join(folder, 'public.pem')))).toBe('usage.sign-key')
  mkdirSync(join(folder, 'folder.pem'), { mode: 0o700 })
  expect(codeOf(() => readSignKey(join(folder, 'folder.pem')))).toBe('disk.not-a-file')
})

test('a refused key leaves nothing on the disk, and the key is masked from then on', () => {
  const parent = tempFolder()
  expect(codeOf(() => open(join(parent, 'evidence'), { signKeyFile: join(parent, 'none.pem') }))).toBe('usage.sign-key')
  expect(readdirSync(parent)).toEqual([])
  const file = keyFile(parent, '-algorithm', 'ed25519')
  readSignKey(file)
  const [, secret = ''] = readFileSync(file, 'utf8').split('\n')
  expect(maskedText(`it says ${secret}`)).not.toContain(secret)
})
