import { mkdirSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { labWorld, type LabWorld } from '../e2e/support/lab-world.ts'
import { describeOnTerminal, keys, openTerminal, type Terminal } from './terminal.ts'

const node = process.execPath

describeOnTerminal('exec and creds on a terminal', () => {
  let world: LabWorld
  let folder: string
  beforeAll(async () => {
    world = await labWorld({ sample: { objects: 1 } })
    folder = world.newPath()
    mkdirSync(folder)
  })
  afterAll(() => world.stop())

  const start = (...args: string[]): Terminal => openTerminal(args, { env: world.env, cwd: folder })

  it('each Ctrl-C reaches the command once, and the command decides when to end', async () => {
    const script = `let n = 0
      process.on('SIGINT', () => console.log('heard ' + ++n))
      process.on('SIGTERM', () => process.exit(9))
      setInterval(() => {}, 1000)
      console.log('ready')`
    const terminal = start('exec', 'B', '--', node, '-e', script)
    await terminal.sees('ready')
    for (const time of [1, 2, 3]) {
      terminal.type(keys.ctrlC)
      await terminal.sees(`heard ${time}`)
      await new Promise((settle) => setTimeout(settle, 150))
    }
    expect(terminal.text()).not.toContain('heard 4')
    terminal.kill('SIGTERM')
    expect(await terminal.ended()).toBe(9)
  })

  it('the command owns the terminal', async () => {
    const script = 'test -t 0 && test -t 1 && test -t 2 && read -r line && echo "got $line"'
    const terminal = start('exec', 'B', '--', 'sh', '-c', `echo ready; ${script}`)
    await terminal.answers('ready', `hello${keys.enter}`)
    await terminal.sees('got hello')
    expect(await terminal.ended()).toBe(0)
  })

  it('without a command opens a shell, which reads the terminal and ends with its own code', async () => {
    const terminal = openTerminal(['exec', 'B'], { env: { ...world.env, SHELL: '/bin/sh' }, cwd: folder })
    await terminal.sees('this shell holds credentials of account B')
    terminal.type(`echo "account $CROSSTRAIL_ACCOUNT"; exit 6${keys.enter}`)
    await terminal.sees('account B')
    expect(await terminal.ended()).toBe(6)
  })

  it('creds notes once that secrets are on the terminal', async () => {
    const terminal = start('creds', 'B')
    await terminal.sees('are shown on this terminal')
    await terminal.sees('export AWS_SESSION_TOKEN=')
    expect(await terminal.ended()).toBe(0)
    expect(terminal.text().split('shown on this terminal')).toHaveLength(2)
  })
})
