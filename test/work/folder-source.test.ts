import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { folderSource, type FolderSourceOptions, type LogFile } from '../../src/work/folder-source.ts'
import type { Outcome } from '../../src/work/outcome.ts'

let folder: string
beforeEach(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), 'folder-source-')))))
afterEach(() => rmSync(folder, { recursive: true }))

const log = '111111111111_CloudTrail_us-east-1_20261101T0000Z_0123456789abcdef.json.gz'
const digest = '111111111111_CloudTrail-Digest_us-east-1_trail_us-east-1_20261101T000000Z.json.gz'

function write(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), path)
  }
}

/** The files that are found below these roots, and the outcomes of the others. Paths are relative to the test's folder. */
async function list(roots: readonly string[], options: Partial<FolderSourceOptions> = {}) {
  const files: LogFile[] = []
  const outcomes: Outcome[] = []
  let listed = 0
  const source = folderSource({
    roots: roots.map((root) => (root.startsWith('/') ? root : `${folder}/${root}`)),
    account: 'folder',
    isSelected: () => true,
    listener: (event) => {
      if (event.type === 'outcome') outcomes.push(event.outcome)
      if (event.type === 'listed') listed += event.objects
    },
    signal: new AbortController().signal,
    ...options,
  })
  const take = ({ objects }: { readonly objects: readonly unknown[] }) => {
    files.push(...(objects as LogFile[]))
    return Promise.resolve(false)
  }
  await source.read({ account: 'folder' }, { take, isHungry: () => false, giveAway: () => undefined })
  expect(listed).toBe(files.length)
  const short = (path: string) => path.replace(`${folder}/`, '')
  const of = (status: string, reason?: string) =>
    outcomes.flatMap((one) =>
      one.status === status && (reason === undefined || (one.status === 'skipped' && one.reason === reason))
        ? [short(one.object.key)]
        : [],
    )
  return {
    files,
    paths: files.map(({ key }) => short(key)),
    failed: of('failed'),
    foreign: of('skipped', 'foreign'),
    unselected: of('skipped', 'unselected'),
    errors: outcomes.flatMap((one) =>
      one.status === 'failed' ? [one.error.message.replaceAll(`${folder}/`, '')] : [],
    ),
  }
}

describe('a folder', () => {
  test('may have any structure; zipped and unzipped logs are found in the order of their names', async () => {
    write('b/c/2.json', 'b/1.json.gz', 'a.json', `z/${log}`, 'z/x.txt', 'z/x.json.gz.part', '.crosstrail/state.json')
    expect(await list(['.'])).toMatchObject({
      paths: ['./a.json', './b/1.json.gz', './b/c/2.json', `./z/${log}`],
      foreign: ['./z/x.json.gz.part', './z/x.txt'],
      failed: [],
    })
  })

  test('has a log account, a region and a kind for each file that CloudTrail named, and only for those', async () => {
    write(log, 'other.json')
    const { files } = await list(['.'])
    expect(files).toMatchObject([
      { isNamed: true, logAccount: '111111111111', region: 'us-east-1', kind: 'events' },
      { isNamed: false, logAccount: '', region: '' },
    ])
    expect(files[0]?.deliveredAtMs).toBe(Date.UTC(2026, 10, 1))
    expect(files[0]?.sizeBytes).toBe(log.length)
  })

  test('is given in pages of 1,000 files', async () => {
    write(...Array.from({ length: 2001 }, (_, at) => `${at}.json`))
    expect((await list(['.'])).paths).toHaveLength(2001)
  })
})

describe('a file is read once', () => {
  beforeEach(() => write('logs/a/1.json', 'logs/b/2.json'))
  const both = ['logs/a/1.json', 'logs/b/2.json']

  test.each([
    ['a folder is named twice', ['logs', 'logs']],
    ['a folder is named with slashes and dots', ['logs', 'logs/', './logs', 'logs/a/..', 'logs//']],
    ['a folder lies in another one', ['logs', 'logs/a']],
    ['a folder lies in another one that is named later', ['logs/a', 'logs', 'logs/b']],
    ['a file lies in a folder', ['logs/a/1.json', 'logs', 'logs/b/2.json']],
  ])('%s', async (_what, roots) => {
    const { paths } = await list(roots)
    expect(paths).toEqual(both)
  })

  test('a file is named twice', async () => {
    expect((await list(['logs/a/1.json', 'logs/a/../a/1.json'])).paths).toEqual(['logs/a/1.json'])
  })

  test('a folder is also named by a link, and a link leads to a folder above', async () => {
    symlinkSync('logs', join(folder, 'link'))
    expect((await list(['logs', 'link'])).paths).toEqual(both)
    expect((await list(['link', 'logs/a'])).paths).toEqual(['link/a/1.json', 'link/b/2.json'])
  })

  test('a path from the current folder and an absolute path name the same folder', async () => {
    const before = process.cwd()
    process.chdir(folder)
    try {
      expect((await list([`${folder}/logs`], { roots: ['logs', `${folder}/logs`, '.'] })).paths).toEqual([
        './logs/a/1.json',
        './logs/b/2.json',
      ])
    } finally {
      process.chdir(before)
    }
  })

  test('links lead to files that are read anyway, or to one file outside of the folder', async () => {
    write('store/blob')
    symlinkSync('../b/2.json', join(folder, 'logs/a/0.json'))
    symlinkSync('../store/blob', join(folder, 'logs/x.json'))
    symlinkSync('../store/blob', join(folder, 'logs/y.json'))
    expect((await list(['logs'])).paths).toEqual([...both, 'logs/x.json'])
    expect((await list(['logs', 'store/blob'])).paths).toEqual([...both, 'store/blob'])
  })

  test('a link is read if its file has a name that is not read, or is not selected', async () => {
    write('logs/blob', 'logs/.crosstrail/3.json')
    symlinkSync('blob', join(folder, 'logs/x.json'))
    symlinkSync('.crosstrail/3.json', join(folder, 'logs/y.json'))
    symlinkSync('a/1.json', join(folder, 'logs/z.json'))
    expect((await list(['logs'])).paths).toEqual([...both, 'logs/x.json', 'logs/y.json'])
    const isSelected = ({ key }: LogFile) => !key.endsWith('1.json')
    expect((await list(['logs'], { isSelected })).paths).toEqual([
      'logs/b/2.json',
      'logs/x.json',
      'logs/y.json',
      'logs/z.json',
    ])
  })

  test('two hard links in one folder are two files', async () => {
    linkSync(join(folder, 'logs/a/1.json'), join(folder, 'logs/a/3.json'))
    expect((await list(['logs/a'])).paths).toEqual(['logs/a/1.json', 'logs/a/3.json'])
  })

  test('a folder inside .crosstrail is read if it is named, and so is a file with another name', async () => {
    write('logs/.crosstrail/x/3.json', 'logs/notes.txt')
    expect((await list(['logs', 'logs/.crosstrail/x', 'logs/notes.txt'])).paths).toEqual([
      ...both,
      'logs/.crosstrail/x/3.json',
      'logs/notes.txt',
    ])
  })

  test('folders with similar names are different', async () => {
    write('logs2/3.json', 'logs/..a/4.json')
    expect((await list(['logs', 'logs2', 'logs/..a'])).paths).toEqual(['logs/..a/4.json', ...both, 'logs2/3.json'])
  })
})

describe('the selection', () => {
  test('leaves out files, and counts them; it also applies to a file that the user named', async () => {
    write(`logs/${log}`, `logs/${digest}`, 'logs/x.json')
    const isSelected = ({ kind }: LogFile) => kind !== 'digest'
    expect(await list(['logs'], { isSelected })).toMatchObject({
      paths: [`logs/${log}`, 'logs/x.json'],
      unselected: [`logs/${digest}`],
    })
    expect(await list([`logs/${digest}`], { isSelected })).toMatchObject({ paths: [], unselected: [`logs/${digest}`] })
  })
})

describe('what cannot be read', () => {
  test.each(['missing', 'dangling'])(
    'a root that does not exist stops the run before any file is read: %s',
    async (root) => {
      write('a/1.json')
      symlinkSync('nowhere', join(folder, 'dangling'))
      await expect(list(['a', root])).rejects.toMatchObject({
        code: 'disk.not-found',
        message: `${folder}/${root} does not exist`,
      })
    },
  )

  test('a root below a file stops the run', async () => {
    write('file.json')
    await expect(list(['file.json/x'])).rejects.toMatchObject({
      code: 'object.unreadable',
      message: `${folder}/file.json/x cannot be read: ENOTDIR: not a directory`,
    })
  })

  test('a root that is a loop of links stops the run', async () => {
    symlinkSync('loop', join(folder, 'loop'))
    await expect(list(['loop'])).rejects.toMatchObject({
      code: 'object.unreadable',
      message: `${folder}/loop cannot be read: ELOOP: too many symbolic links encountered`,
    })
  })

  test('a folder without permission fails, and the others are read', async () => {
    write('a/1.json', 'b/2.json')
    chmodSync(join(folder, 'a'), 0)
    chmodSync(folder, 0o755)
    const { paths, errors } = await asOrdinaryUser(() => list(['.']))
    chmodSync(join(folder, 'a'), 0o755)
    expect(paths).toEqual(['./b/2.json'])
    expect(errors).toEqual(['./a cannot be read: EACCES: permission denied'])
  })

  test('links to folders are not followed, and a link without a target fails only if it has the name of a log', async () => {
    write('a/1.json')
    symlinkSync('..', join(folder, 'a/up'))
    symlinkSync('..', join(folder, 'a/up.json'))
    symlinkSync('nowhere', join(folder, 'a/latest'))
    symlinkSync('nowhere', join(folder, 'a/lost.json'))
    symlinkSync('loop.json', join(folder, 'a/loop.json'))
    expect(await list(['a'])).toMatchObject({
      paths: ['a/1.json'],
      foreign: ['a/latest', 'a/up', 'a/up.json'],
      errors: [
        'a/loop.json cannot be read: ELOOP: too many symbolic links encountered',
        'a/lost.json cannot be read: ENOENT: no such file or directory',
      ],
    })
  })

  test('a FIFO and a socket are not opened', async () => {
    write('1.json')
    execFileSync('mkfifo', [join(folder, 'fifo.json')])
    symlinkSync('fifo.json', join(folder, 'to-fifo.json'))
    const server = createServer().listen(join(folder, 'socket.json.gz'))
    await new Promise((settle) => server.once('listening', settle))
    const { paths, foreign } = await list(['.'])
    server.close()
    expect(paths).toEqual(['./1.json'])
    expect(foreign).toEqual(['./fifo.json', './socket.json.gz', './to-fifo.json'])
  })

  test('a folder that disappears during the listing fails, and the others are read', async () => {
    write('a/1.json', 'b/2.json', 'c/3.json')
    const isSelected = ({ key }: LogFile) => {
      if (key.endsWith('1.json')) renameSync(join(folder, 'b'), join(folder, 'z'))
      return true
    }
    expect(await list(['.'], { isSelected })).toMatchObject({
      paths: ['./a/1.json', './c/3.json'],
      errors: ['./b cannot be read: ENOENT: no such file or directory'],
    })
  })
})

test('an aborted run lists no more files', async () => {
  write('1.json')
  expect((await list(['.'], { signal: AbortSignal.abort() })).paths).toEqual([])
})

/** Root may read everything, so the permission of a folder is tested as another user. */
async function asOrdinaryUser<T>(run: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return run()
  process.seteuid?.(65_534)
  try {
    return await run()
  } finally {
    process.seteuid?.(0)
  }
}

test('the file that keeps the signature of a digest is neither a log nor foreign', async () => {
  write(
    `logs/${digest}`,
    `logs/${digest}.signature`,
    `logs/${digest.replace('.gz', '')}.signature`,
    'logs/note.signature',
  )
  const found = await list(['logs'])
  expect(found.paths).toEqual([`logs/${digest}`])
  expect(found.foreign).toEqual(['logs/note.signature'])
})
