import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeUnless } from '../describe-unless.ts'
import { jsonLines } from '../e2e/support/crosstrail.ts'
import { PackedProject, type User } from './global-install.ts'

/** `nobody` on Linux. Only root can start programs as another user. */
const nobody: User = { uid: 65_534, gid: 65_534 }
const notRoot = process.getuid?.() === 0 ? undefined : 'only root can run programs as another user'

const project = new PackedProject()
afterAll(() => project.remove())
const unreachable = await project.fillCache()

/** Runs the steps of the README against an installed lab: lists and downloads logs of account B. */
async function useLab(bin: string, user?: User): Promise<void> {
  const cwd = project.newPath(user)
  const lab = project.start('crosstrail', ['lab', '--dir', './lab'], { bin, cwd, user })
  try {
    await expect.poll(lab.output).toContain('Press Ctrl-C')
    const shell = (line: string) => project.run('sh', ['-c', `. ./lab/lab.env && ${line}`], { bin, cwd, user })
    const listed = await shell('crosstrail list B --output json')
    expect(listed).toMatchObject({ exitCode: 0 })
    const keys = jsonLines(listed.stdout).map(({ key }) => String(key))
    expect(keys.length).toBeGreaterThan(50)
    expect(await shell('crosstrail download B --to ./logs --threads 2')).toMatchObject({ exitCode: 0 })
    expect(keys.filter((key) => !existsSync(join(cwd, 'logs', key)))).toEqual([])
  } finally {
    lab.child.kill('SIGINT')
  }
  expect(await lab.ended).toMatchObject({ exitCode: 0, stderr: '' })
}

describeUnless(unreachable, 'the packed project, installed globally from a cache without a network,', () => {
  let bin: string
  let prefix: string
  const installed = () => join(prefix, 'lib/node_modules/crosstrail/dist/command')

  beforeAll(async () => {
    ;({ bin, prefix } = await project.installOffline())
  })

  it('prints its version', async () => {
    expect(await project.run('crosstrail', ['--version'], { bin })).toEqual({
      exitCode: 0,
      stdout: `${project.version}\n`,
      stderr: '',
    })
  })

  it('prints its help', async () => {
    const { exitCode, stdout } = await project.run('crosstrail', ['--help'], { bin })
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^ {2}download /m)
  })

  it('has a lab, and lists and downloads its logs', () => useLab(bin))

  it('says how to install DuckDB beside it', async () => {
    const args = ['events', '--dir', '.', '--sql', 'select 1']
    const { exitCode, stderr } = await project.run('crosstrail', args, { bin })
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/npm install .*@duckdb\/node-api.*--global/)
  })

  it('finds an optional package that is installed beside it', async () => {
    const beside = join(prefix, 'lib/node_modules/@duckdb')
    mkdirSync(join(beside, 'node-api'), { recursive: true })
    writeFileSync(join(beside, 'node-api/index.js'), `throw new Error('this is the package beside it')`)
    const args = ['events', '--dir', '.', '--sql', 'select 1']
    const { stderr } = await project.run('crosstrail', args, { bin })
    expect(stderr).toContain('because this is the package beside it')
    rmSync(beside, { recursive: true })
  })

  it('says how to install the keyring if npm left it out', async () => {
    rmSync(join(prefix, 'lib/node_modules/crosstrail/node_modules/@napi-rs'), { recursive: true })
    const config = join(prefix, 'lib/node_modules/crosstrail/config/accounts.example.yaml')
    const { exitCode, stderr } = await project.run('crosstrail', ['creds', 'B', '--cache'], {
      bin,
      env: { CROSSTRAIL_CONFIG: config, Z_EXTERNAL_ID: 'an-external-id' },
    })
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/npm install @napi-rs\/keyring .*--global/)
  })

  describeUnless(notRoot, 'by root,', () => {
    it('can be used by another user, who changes nothing there', async () => {
      const before = readdirSync(installed())
      await useLab(bin, nobody)
      expect(readdirSync(installed())).toEqual(before)
    })
  })

  it('is removed by npm uninstall, with the files that runs added', async () => {
    expect(existsSync(join(installed(), 'compiled'))).toBe(true)
    expect(await project.npm(['uninstall', '--global', '--prefix', prefix, 'crosstrail'])).toMatchObject({
      exitCode: 0,
    })
    expect(readdirSync(join(prefix, 'lib/node_modules')).filter((name) => !name.startsWith('.'))).toEqual([])
    expect(readdirSync(bin)).toEqual([])
  })
})

describeUnless(unreachable ?? notRoot, 'a user who is not root', () => {
  it('can install it in another folder, and use it', async () => {
    const { bin, prefix } = await project.installOffline(nobody)
    expect(statSync(join(prefix, 'lib/node_modules/crosstrail')).uid).toBe(nobody.uid)
    await useLab(bin, nobody)
  })
})
