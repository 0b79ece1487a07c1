import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { verifyFolders } from '../../src/app/verify-folders.ts'
import { keysFileText } from '../../src/verbs/verify/keys-file.ts'
import { codeOfAsync } from '../disk/error-code.ts'
import { tempFolder } from '../disk/temp-folder.ts'
import { checkedPaths, text } from '../sinks/evidence/bag.ts'
import { hour, signingKey, type StoredObject, writeChain } from '../verbs/verify/chain-builder.ts'

const startMs = Date.UTC(2026, 10, 1, 14, 1, 31)

/** Writes a mirror of three periods and their public key, and returns what verifies it. */
function mirror() {
  const parent = tempFolder()
  const objects = new Map<string, StoredObject>()
  const key = signingKey(startMs - hour, startMs + 5 * hour)
  writeChain(objects, { startMs, periods: [2, 0, 1], keyOf: () => key })
  for (const [name, { body, signature }] of objects) {
    const path = join(parent, 'logs', name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, body)
    if (signature !== undefined) writeFileSync(`${path}.signature`, JSON.stringify({ signature }))
  }
  const keysFile = join(parent, 'keys.json')
  writeFileSync(keysFile, keysFileText([key.public]))
  const window = { fromMs: startMs, toMs: startMs + 3 * hour }
  const folder = join(parent, 'evidence')
  return { parent, folder, asked: { dirs: [join(parent, 'logs')], keysFile, selection: { window } } }
}

describe('evidence for a program', () => {
  test('is written, and says that no command asked for it', async () => {
    const { folder, asked } = mirror()
    const { evidence, logs } = await verifyFolders({ ...asked, evidence: { folder, withLogs: true } })
    expect(logs.verified).toBe(3)
    const none = { signingKey: undefined, timestampMs: undefined, timestampError: undefined }
    expect(evidence).toEqual({ folder, written: true, ...none })
    expect(checkedPaths(folder).filter((path) => path.startsWith('data/trail/mirror/'))).toHaveLength(9)
    expect(text(folder, 'bag-info.txt')).toContain('Run-Command: none: a program used the library\n')
  })

  test('has the command that the program names', async () => {
    const { folder, asked } = mirror()
    await verifyFolders({ ...asked, evidence: { folder, command: ['audit', '--all'] } })
    expect(text(folder, 'bag-info.txt')).toContain('Run-Command: audit --all\n')
  })

  test('is refused if its folder is used', async () => {
    const { parent, asked } = mirror()
    const folder = join(parent, 'logs/..')
    expect(await codeOfAsync(() => verifyFolders({ ...asked, evidence: { folder } }))).toBe('usage.folder-in-use')
  })

  test('is not written if the run is stopped', async () => {
    const { parent, folder, asked } = mirror()
    const signal = AbortSignal.abort()
    const report = await verifyFolders({ ...asked, evidence: { folder } }, { signal })
    expect(report).toMatchObject({ interrupted: true, evidence: { written: false } })
    expect(readdirSync(parent).toSorted()).toEqual(['keys.json', 'logs'])
  })

  test('is not written if it cannot be completed, and the report has the error and all counts', async () => {
    const { parent, folder, asked } = mirror()
    const onResult = () => {
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'planted'), '')
    }
    const report = await verifyFolders({ ...asked, onResult, evidence: { folder } })
    expect(report).toMatchObject({ error: { code: 'usage.folder-in-use' }, evidence: { written: false } })
    expect(report.logs.verified).toBe(3)
    expect(readdirSync(parent).toSorted()).toEqual(['evidence', 'keys.json', 'logs'])
    expect(readFileSync(join(folder, 'planted'), 'utf8')).toBe('')
  })
})
