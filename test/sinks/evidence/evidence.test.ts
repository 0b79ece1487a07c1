import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { codeOf, codeOfAsync } from '../../disk/error-code.ts'
import { filesBelow, tempFolder } from '../../disk/temp-folder.ts'
import { ownDisk } from '../../own-disk.ts'
import { checkedPaths, open, report, run, signed, text } from './bag.ts'

const body = Buffer.from('digest')
const bucket = 'trail-bucket'
const key = 'AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/01/digest.json.gz'

describe('a bag', () => {
  test('has the digests, their signatures, the logs, the keys and the report, and sha256sum accepts it', async () => {
    const folder = join(tempFolder(), 'evidence')
    const evidence = open(folder)
    await evidence.addDigest({ bucket, key, body }, signed)
    await evidence.addLog({ bucket, key: 'AWSLogs/111122223333/CloudTrail/log.json.gz', body: Buffer.from('log') })
    await evidence.addKeys('{"publicKeys":[]}\n')
    expect(existsSync(folder)).toBe(false)
    expect(await evidence.close(run, report)).toEqual({
      folder,
      signingKey: undefined,
      timestampMs: undefined,
      timestampError: undefined,
    })
    expect(checkedPaths(folder)).toEqual([
      'data/public-keys.json',
      'data/report.json',
      'data/report.md',
      'data/trail/trail-bucket/AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/01/digest.json.gz',
      'data/trail/trail-bucket/AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/11/01/digest.json.gz.signature',
      'data/trail/trail-bucket/AWSLogs/111122223333/CloudTrail/log.json.gz',
    ])
    expect(text(folder, `data/trail/${bucket}/${key}`)).toBe('digest')
    expect(JSON.parse(text(folder, `data/trail/${bucket}/${key}.signature`))).toEqual({
      signature: 'ab12',
      signatureAlgorithm: 'SHA256withRSA',
      backfillGenerationTimestamp: null,
    })
    expect(filesBelow(folder).filter((path) => !path.startsWith('data/'))).toEqual([
      'bag-info.txt',
      'bagit.txt',
      'manifest-sha256.txt',
      'tagmanifest-sha256.txt',
    ])
    expect(text(folder, 'bagit.txt')).toBe('BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n')
  })

  test('says who ran what, when, with which version and session, and that it is unsigned', async () => {
    const folder = join(tempFolder(), 'evidence')
    const evidence = open(folder)
    await evidence.addLog({ bucket, key: 'log.json.gz', body: Buffer.from('log') })
    await evidence.close({ ...run, sessions: ['arn:one', 'arn:two'] }, report)
    const sizes = checkedPaths(folder).map((path) => statSync(join(folder, path)).size)
    const info = text(folder, 'bag-info.txt')
    expect(info.replace(/^Run-By: .* on .*$/m, 'Run-By: …')).toBe(
      [
        'Bagging-Date: 2026-11-01',
        'Bag-Software-Agent: crosstrail 1.2.3',
        `Payload-Oxum: ${sizes.reduce((sum, size) => sum + size, 0)}.3`,
        'External-Description: Evidence of a verification of CloudTrail logs',
        'Run-By: …',
        'Run-Version: 1.2.3',
        'Run-Started: 2026-11-01T12:00:00Z',
        'Run-Finished: 2026-11-01T13:00:00Z',
        "Run-Command: crosstrail verify B --evidence 'my evidence'",
        'Session-ARN: arn:one',
        'Session-ARN: arn:two',
        'Signature: none: this bag is unsigned',
        'Timestamp: none',
        '',
      ].join('\n'),
    )
    expect(info).toContain(` on ${hostname()}\n`)
    const page = text(folder, 'data/report.md')
    for (const line of [
      'There are no findings.',
      '| signature | none: this bag is unsigned |',
      '| session arn | arn:two |',
      '| digests verified | 3 |',
      '| fingerprint | source |\n| --- | --- |\n| 0123456789abcdef0123456789abcdef | ListPublicKeys of us-east-1 |',
      '| chain | missing | verified until |\n| --- | --- | --- |\n| 111122223333/us-east-1/audit | 0 | 2026-11-01T12:00:00Z |',
    ]) {
      expect(page).toContain(`\n${line}\n`)
    }
    expect(JSON.parse(text(folder, 'data/report.json'))).toMatchObject({
      findings: [],
      run: {
        startedAt: '2026-11-01T12:00:00Z',
        version: '1.2.3',
        command: run.command,
        sessions: ['arn:one', 'arn:two'],
      },
      signature: null,
      ...report,
    })
  })

  test('has all findings in report.json, and the first thousand in report.md', async () => {
    const folder = join(tempFolder(), 'evidence')
    const evidence = open(folder)
    const findings = Array.from({ length: 1002 }, (_, index) => ({
      code: 'verify.log-missing',
      message: `log ${index} is missing`,
      key: `log-${index}`,
    }))
    for (const finding of findings) evidence.addFinding(finding)
    await evidence.close(run, report)
    checkedPaths(folder)
    expect(JSON.parse(text(folder, 'data/report.json'))).toMatchObject({ findings })
    const page = text(folder, 'data/report.md')
    expect(page).toContain('There are 1002 findings.')
    expect(page.match(/^\| verify\.log-missing \|/gm)).toHaveLength(1000)
    expect(page).toContain('2 more findings are in report.json.')
  })

  test('has a page on which no finding acts as markup or as another line', async () => {
    const folder = join(tempFolder(), 'evidence')
    const evidence = open(folder)
    evidence.addFinding({ code: 'verify.log-hash', message: 'a|b <img src=x>\n## Fine\u001b[2J\u202e [x](y)' })
    await evidence.close(run, report)
    expect(text(folder, 'data/report.md')).toContain(
      String.raw`| verify.log-hash |  |  |  | a\|b \<img src=x\>\\u{a}## Fine\\u{1b}\[2J\\u{202e} \[x\](y) |`,
    )
  })

  test('of a mirror has its objects in the folder mirror', async () => {
    const folder = join(tempFolder(), 'evidence')
    const evidence = open(folder)
    await evidence.addLog({ bucket: undefined, key: 'AWSLogs/log.json.gz', body })
    await evidence.close(run, report)
    expect(checkedPaths(folder)).toContain('data/trail/mirror/AWSLogs/log.json.gz')
  })

  test('has only private files', async () => {
    const folder = join(tempFolder(), 'evidence')
    const evidence = open(folder)
    await evidence.addDigest({ bucket, key, body }, signed)
    await evidence.close(run, report)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    const modes = filesBelow(folder).map((path) => statSync(join(folder, path)).mode & 0o777)
    expect(new Set(modes)).toEqual(new Set([0o600]))
  })

  test('holds an object of a million bytes', async () => {
    const folder = join(tempFolder(), 'evidence')
    const evidence = open(folder)
    const large = randomBytes(1_000_000)
    await evidence.addLog({ bucket, key: 'large.json.gz', body: large })
    await evidence.close(run, report)
    checkedPaths(folder)
    expect(readFileSync(join(folder, 'data/trail/trail-bucket/large.json.gz')).equals(large)).toBe(true)
  })
})

describe('a key that cannot be a file name everywhere', () => {
  const hostile = [
    '../../outside',
    '/etc/passwd',
    'a//b',
    'a/./b',
    'a/',
    '..',
    '',
    'a\0b',
    'a\nb',
    'a\rb',
    '50%25',
    'tab\there',
    String.raw`back\slash`,
    'colon:stream',
    '\u001b[2J',
    'caf\u00e9',
    'cafe\u0301',
    '\ud800',
    'con.json',
    'dot.',
    '.hidden',
    `${'x'.repeat(300)}.json.gz`,
    'a/'.repeat(500),
    'planted.json.gz.signature',
    'planted.json.gz.SIGNATURE',
  ]

  test('is stored under a hash, and a list says which key it is', async () => {
    const parent = tempFolder()
    const folder = join(parent, 'evidence')
    const evidence = open(folder)
    for (const name of hostile) await evidence.addLog({ bucket, key: name, body: Buffer.from(`of ${name}`) })
    await evidence.close(run, report)
    const paths = checkedPaths(folder)
    expect(paths.filter((path) => /[%\\\r\n]|\.\./.test(path))).toEqual([])
    const listed = text(folder, 'data/renamed.ndjson').trimEnd().split('\n')
    const renamed = listed.map((line) => JSON.parse(line) as { path: string; bucket: string; key: string })
    expect(renamed.map((one) => one.key)).toEqual(hostile)
    for (const { path, key: name } of renamed) {
      expect(paths).toContain(path)
      expect(readFileSync(join(folder, path)).equals(Buffer.from(`of ${name}`))).toBe(true)
    }
    expect(readdirSync(parent)).toEqual(['evidence'])
  })

  test('is also one that differs only in case from another', async () => {
    const folder = join(tempFolder(), 'evidence')
    const evidence = open(folder)
    for (const name of ['Logs/one', 'logs/two', 'Logs/ONE', 'Logs/three']) {
      await evidence.addLog({ bucket, key: name, body: Buffer.from(name) })
    }
    await evidence.close(run, report)
    const paths = checkedPaths(folder)
    expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(paths.length)
    expect(paths.filter((path) => path.startsWith('data/trail'))).toEqual([
      'data/trail/trail-bucket/Logs/one',
      'data/trail/trail-bucket/Logs/three',
    ])
    expect(paths.filter((path) => path.startsWith('data/renamed/'))).toHaveLength(2)
  })

  test('is also one that another key needs as a folder', async () => {
    const folder = join(tempFolder(), 'evidence')
    const evidence = open(folder)
    for (const name of ['a', 'a/b', 'c/d', 'c']) {
      await evidence.addDigest({ bucket, key: name, body: Buffer.from(name) }, signed)
    }
    await evidence.close(run, report)
    const paths = checkedPaths(folder)
    expect(paths.filter((path) => path.startsWith('data/trail'))).toEqual([
      'data/trail/trail-bucket/a',
      'data/trail/trail-bucket/a.signature',
      'data/trail/trail-bucket/c/d',
      'data/trail/trail-bucket/c/d.signature',
    ])
    const digests = paths.filter((path) => path.startsWith('data/renamed/'))
    expect(digests.filter((path) => path.endsWith('.signature'))).toHaveLength(2)
  })

  test('an object that comes again with other bytes is stored beside the first', async () => {
    const folder = join(tempFolder(), 'evidence')
    const evidence = open(folder)
    for (const bytes of ['one', 'two', 'two']) await evidence.addLog({ bucket, key: 'log', body: Buffer.from(bytes) })
    await evidence.close(run, report)
    const contents = checkedPaths(folder)
      .filter((path) => /^data\/(trail|renamed)\//.test(path))
      .map((path) => text(folder, path))
    expect(contents.sort()).toEqual(['one', 'two'])
  })
})

describe('the folder', () => {
  test.each([
    ['is not empty', (path: string) => (mkdirSync(path), writeFileSync(join(path, 'file'), ''))],
    ['is a file', (path: string) => writeFileSync(path, '')],
  ])('is refused if it %s', (_, make) => {
    const path = join(tempFolder(), 'used')
    make(path)
    expect(codeOf(() => open(path))).toBe('usage.folder-in-use')
  })

  test('is refused if it is a mount point, before anything is written', ({ skip }) => {
    const disk = ownDisk('size=64k')
    if (disk === undefined) return skip()
    expect(() => open(disk)).toThrow('is a mount point, which cannot be replaced')
    expect(readdirSync(disk)).toEqual([])
  })

  test('is refused if it is the current folder', () => {
    const before = process.cwd()
    const path = tempFolder()
    process.chdir(path)
    try {
      expect(codeOf(() => open('.'))).toBe('usage.folder-in-use')
    } finally {
      process.chdir(before)
    }
  })

  test('may be empty, new with new folders above it, or a link to an empty folder', async () => {
    const parent = tempFolder()
    mkdirSync(join(parent, 'empty'))
    mkdirSync(join(parent, 'far'))
    symlinkSync(join(parent, 'far'), join(parent, 'link'))
    for (const name of ['empty', 'new/in/new', 'link']) {
      await open(join(parent, name)).close(run, report)
      checkedPaths(join(parent, name))
    }
    expect(readdirSync(parent).sort()).toEqual(['empty', 'far', 'link', 'new'])
  })

  test('stays empty if the evidence is aborted', async () => {
    const parent = tempFolder()
    const folder = join(parent, 'evidence')
    mkdirSync(folder)
    const evidence = open(folder)
    await evidence.addLog({ bucket, key: 'log', body })
    evidence.abort()
    evidence.abort()
    await expect(evidence.addLog({ bucket, key: 'other/log', body })).rejects.toThrow('aborted')
    await expect(evidence.close(run, report)).rejects.toThrow('aborted')
    expect(filesBelow(parent)).toEqual([])
    expect(readdirSync(parent)).toEqual(['evidence'])
  })

  test('keeps what somebody else wrote meanwhile, and the evidence fails', async () => {
    const parent = tempFolder()
    const folder = join(parent, 'evidence')
    const [first, second] = [open(folder), open(folder)]
    await first.close(run, report)
    expect(await codeOfAsync(() => second.close(run, report))).toBe('usage.folder-in-use')
    second.abort()
    first.abort()
    checkedPaths(folder)
    expect(readdirSync(parent)).toEqual(['evidence'])
  })

  test('is never a bag if an object could not be added', async () => {
    const parent = tempFolder()
    const folder = join(parent, 'evidence')
    const evidence = open(folder)
    const [staging = ''] = readdirSync(parent)
    writeFileSync(join(parent, staging, 'data/trail'), '')
    writeFileSync(join(parent, staging, 'data/renamed'), '')
    expect(await codeOfAsync(() => evidence.addLog({ bucket, key: 'log', body }))).toBe('disk.not-a-folder')
    expect(await codeOfAsync(async () => void (await evidence.close(run, report)))).toBe('disk.not-a-folder')
    evidence.abort()
    expect(readdirSync(parent)).toEqual([])
  })
})

test('a manifest has the SHA-256 of each file', async () => {
  const folder = join(tempFolder(), 'evidence')
  const evidence = open(folder)
  await evidence.addLog({ bucket, key: 'log', body })
  await evidence.close(run, report)
  const sha256 = createHash('sha256').update(body).digest('hex')
  expect(text(folder, 'manifest-sha256.txt').split('\n')[0]).toBe(`${sha256}  data/trail/trail-bucket/log`)
})
