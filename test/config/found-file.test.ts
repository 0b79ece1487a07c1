import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { demandTrusted } from '../../src/config/found-file.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { readConfigText, readFoundConfig } from '../../src/config/read.ts'
import { emptyFolder, errorOf, withLines } from './written.ts'

const ana = { uid: 1000, gid: 100 }

describe('a config file that was found', () => {
  it.each([
    ['of the user, written by them alone', { uid: 1000, gid: 100, mode: 0o644 }],
    ["of the user, written by the user's own group", { uid: 1000, gid: 100, mode: 0o664 }],
    ['of root', { uid: 0, gid: 0, mode: 0o644 }],
    ["of root, written by the user's own group", { uid: 0, gid: 100, mode: 0o664 }],
  ])('%s is trusted', (_what, stats) => {
    expect(() => demandTrusted('crosstrail.yaml', stats, ana)).not.toThrow()
  })

  it.each([
    ['of another user', { uid: 1001, gid: 100, mode: 0o600 }, 'uid 1001'],
    ['that everybody can write', { uid: 1000, gid: 100, mode: 0o666 }, 'everybody'],
    ['of root that everybody can write', { uid: 0, gid: 0, mode: 0o602 }, 'everybody'],
    ['that another group can write', { uid: 1000, gid: 27, mode: 0o660 }, 'gid 27'],
    ['of root that its group can write', { uid: 0, gid: 0, mode: 0o664 }, 'gid 0'],
  ])('%s is refused, and the error says why', (_what, stats, why) => {
    const error = errorOf(() => demandTrusted('crosstrail.yaml', stats, ana))
    expect(error).toMatchObject({ code: 'config.untrusted', hint: expect.stringContaining('--config crosstrail.yaml') })
    expect(error.message).toContain(why)
  })

  it('of another user is refused to root, also with sudo', () => {
    const stats = { uid: 1000, gid: 1000, mode: 0o644 }
    expect(errorOf(() => demandTrusted('c.yaml', stats, { uid: 0, gid: 0 })).code).toBe('config.untrusted')
  })

  it('is trusted on Windows only outside of the current folder, because files there have no such owner', () => {
    const stats = { uid: 0, gid: 0, mode: 0o666 }
    const own = String.raw`C:\Users\ana\AppData\Roaming\crosstrail\crosstrail.yaml`
    expect(() => demandTrusted(own, stats, undefined)).not.toThrow()
    const error = errorOf(() => demandTrusted('crosstrail.yaml', stats, undefined))
    expect(error).toMatchObject({ code: 'config.untrusted', hint: expect.stringContaining('--config crosstrail.yaml') })
    expect(error.message).toContain('does not say who owns it')
  })

  it('is left out of the hint if a shell would split its name', () => {
    const stats = { uid: 1000, gid: 100, mode: 0o666 }
    const { hint } = errorOf(() => demandTrusted('/home/ana b/crosstrail.yaml', stats, ana))
    expect(hint).toContain('name it with --config if')
  })
})

describe('reading a found config', () => {
  const text = withLines()

  function written(mode: number): { cwd: string; file: string } {
    const cwd = emptyFolder()
    const file = path.join(cwd, 'crosstrail.yaml')
    writeFileSync(file, text)
    chmodSync(file, mode)
    return { cwd, file }
  }

  it('refuses a file in the current folder that everybody can write', () => {
    const { cwd } = written(0o666)
    expect(errorOf(() => loadConfig({ env: {}, cwd })).code).toBe('config.untrusted')
  })

  it("refuses a file in the user's config folder that everybody can write", () => {
    const [cwd, homeDir] = [emptyFolder(), emptyFolder()]
    const folder = path.join(homeDir, '.config', 'crosstrail')
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, 'crosstrail.yaml'), text)
    chmodSync(path.join(folder, 'crosstrail.yaml'), 0o666)
    expect(errorOf(() => loadConfig({ env: {}, cwd, homeDir })).code).toBe('config.untrusted')
  })

  it.each([[{ file: 'crosstrail.yaml', env: {} }], [{ env: { CROSSTRAIL_CONFIG: 'crosstrail.yaml' } }]])(
    'accepts the same file if it is named: %j',
    (named) => {
      const { cwd, file } = written(0o666)
      expect(loadConfig({ ...named, cwd }).file).toBe(file)
    },
  )

  it('checks the target of a link', () => {
    const { cwd } = written(0o644)
    const { file } = written(0o666)
    symlinkSync(file, path.join(cwd, 'crosstrail.link'))
    expect(errorOf(() => readFoundConfig(path.join(cwd, 'crosstrail.link'), 'x')).code).toBe('config.untrusted')
    symlinkSync(path.join(cwd, 'crosstrail.yaml'), path.join(cwd, 'good.link'))
    expect(readFoundConfig(path.join(cwd, 'good.link'), 'x')).toBe(text)
  })

  it.runIf(process.platform !== 'win32')('does not wait for the writer of a pipe', () => {
    const pipe = path.join(emptyFolder(), 'crosstrail.yaml')
    execFileSync('mkfifo', [pipe])
    expect(errorOf(() => readFoundConfig(pipe, pipe)).code).toBe('config.not-a-file')
  })

  it.runIf(process.platform !== 'win32')('refuses a device, which may be named', () => {
    expect(errorOf(() => readFoundConfig('/dev/null', 'x')).code).toBe('config.not-a-file')
    expect(readConfigText('/dev/null')).toBe('')
  })

  it.runIf(process.getuid?.() === 0)('refuses a file that belongs to another user', () => {
    const { cwd, file } = written(0o600)
    chownSync(file, 65_534, 65_534)
    const error = errorOf(() => loadConfig({ env: {}, cwd }))
    expect(error).toMatchObject({ code: 'config.untrusted', facts: { file: 'crosstrail.yaml', uid: 65_534 } })
    expect(error.message).toContain('belongs to another user (uid 65534; this process runs as uid 0)')
  })
})
