import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { refuseLine, unitsFolder } from './unit-files.ts'

const folder = join(unitsFolder, 'systemd')
const units = readdirSync(folder)
const missing =
  spawnSync('systemd-analyze', ['--version'], { stdio: 'ignore' }).status !== 0 && process.env['CI'] === undefined
if (missing) process.stderr.write('skipped: systemd-analyze is missing; run npm run servers\n')

function textOf(unit: string): string {
  return readFileSync(join(folder, unit), 'utf8')
}

/** Returns the complaints of systemd-analyze about the units, with a program that exists on this machine. */
function problems(edit: (text: string) => string = (text) => text): string {
  const copies = mkdtempSync(join(tmpdir(), 'crosstrail-units-'))
  try {
    const files = units.map((unit) => {
      const file = join(copies, unit)
      writeFileSync(file, edit(textOf(unit).replaceAll('/usr/local/bin/crosstrail', '/bin/true')))
      return file
    })
    const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], {
      encoding: 'utf8',
    })
    return `${stdout}${stderr}${status === 0 ? '' : `exit code ${status}`}`
  } finally {
    rmSync(copies, { recursive: true, force: true })
  }
}

test.skipIf(missing)('systemd-analyze has no complaints about the units', () => {
  expect(problems()).toBe('')
})

test.skipIf(missing)('systemd-analyze complains about a misspelled setting', () => {
  expect(problems((text) => text.replace('ExecStart=', 'ExeStart='))).toContain("Unknown key 'ExeStart'")
})

test('crosstrail accepts the command of every unit', async () => {
  const lines = units.flatMap((unit) =>
    [...textOf(unit).matchAll(/^ExecStart=\/usr\/local\/bin\/crosstrail (.+)$/gm)].map(([, line]) => line ?? ''),
  )
  expect(lines).toHaveLength(2)
  for (const line of lines) expect(await refuseLine(line.split(' '))).toBeUndefined()
})

test('the timer starts a service that exists', () => {
  expect(units).toContain('crosstrail-pull.timer')
  expect(units).toContain('crosstrail-pull.service')
})

test.each(units.filter((unit) => unit.endsWith('.service')))('%s runs as its own user, without privileges', (unit) => {
  const text = textOf(unit)
  for (const setting of [
    'User=crosstrail',
    'NoNewPrivileges=yes',
    'CapabilityBoundingSet=',
    'ProtectSystem=strict',
    'UMask=0077',
  ])
    expect(text.split('\n')).toContain(setting)
})

test('the long-running service notifies systemd, and an exit after SIGTERM does not count as a failure', () => {
  const lines = textOf('crosstrail.service').split('\n')
  for (const line of ['Type=notify', 'NotifyAccess=all', 'SuccessExitStatus=143', 'WatchdogSec=2min'])
    expect(lines).toContain(line)
})
