import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { labWorld, type LabWorld } from '../e2e/support/lab-world.ts'
import { describeOnTerminal, keys, openTerminal } from './terminal.ts'

const bar = /\[=* *\] /
const slow = { fault: { latencyMs: 40 }, probability: 1, operations: ['GetObject'] } as const
const eraseLine = '\u001B[0K'

describeOnTerminal('progress on a terminal', () => {
  let world: LabWorld
  beforeAll(async () => {
    world = await labWorld({ sample: { objects: 200 }, faults: { rules: [slow] } })
  })
  afterAll(() => world.stop())

  const download = (redirect?: string, args: readonly string[] = []) =>
    openTerminal(['download', 'Z', '--to', world.newPath(), '--concurrency', '8', ...args], {
      env: world.env,
      cwd: world.env['HOME'] ?? '/',
      ...(redirect !== undefined && { redirect }),
    })

  it('a bar grows with the logs and is erased at the end, and the summary stays', async () => {
    const terminal = download()
    await terminal.sees('[')
    expect(await terminal.ended()).toBe(0)
    const shares = [...terminal.text().matchAll(/\[(=*) *\] /g)].map(([, filled = '']) => filled.length)
    expect(new Set(shares).size).toBeGreaterThan(2)
    const afterBars = terminal.raw().slice(terminal.raw().lastIndexOf(eraseLine))
    expect(afterBars).not.toMatch(bar)
    expect(afterBars).toMatch(/ACCOUNT +DONE/)
  })

  it('no line of a bar is wider than a narrow terminal', async () => {
    const { env } = world
    const args = ['download', 'Z', '--to', world.newPath(), '--concurrency', '8']
    const terminal = openTerminal(args, { env, cwd: env['HOME'] ?? '/', columns: 40 })
    expect(await terminal.ended()).toBe(0)
    const drawn = terminal
      .raw()
      .split(/\u001B\[[\d;]*[A-Za-z]|[\r\n]+/)
      .filter((piece) => bar.test(piece))
    expect(drawn.length).toBeGreaterThan(0)
    expect(Math.max(...drawn.map((piece) => piece.length))).toBeLessThan(40)
  })

  it.each([
    ['stderr is a file', (path: string) => `2>${path}`],
    ['both outputs are a pipe', (path: string) => `2>&1 | cat >${path}`],
  ])('prints no bars and no escape sequences if %s', async (_where, redirect) => {
    const talk = world.newPath()
    const terminal = download(redirect(talk))
    expect(await terminal.ended()).toBe(0)
    expect(terminal.raw()).not.toMatch(bar)
    const written = readFileSync(talk, 'utf8')
    expect(written).toMatch(/ACCOUNT +DONE/)
    expect(written).not.toMatch(bar)
    expect(written).not.toContain('\u001B')
  })

  it('draws nothing if stdout is a pipe, because a pager may use the terminal', async () => {
    const terminal = download('| cat')
    await terminal.sees('ACCOUNT')
    expect(await terminal.ended()).toBe(0)
    expect(terminal.text()).not.toMatch(bar)
  })

  it('draws bars if stdout is a file', async () => {
    const terminal = download(`>${world.newPath()}`)
    await terminal.sees('[')
    expect(await terminal.ended()).toBe(0)
  })

  it.each([
    ['bars', []],
    ['no bars', ['--output', 'json']],
  ])('after a second Ctrl-C the prompt is on its own line, with %s', async (_what, args) => {
    let gets = 0
    world.lab.setFaults({
      hook({ operation }) {
        if (operation !== 'GetObject') return undefined
        gets++
        return { latencyMs: 8000 }
      },
    })
    onTestFinished(() => world.lab.setFaults({ rules: [slow] }))
    const terminal = download(undefined, args)
    await expect.poll(() => gets).toBeGreaterThan(0)
    if (args.length === 0) await terminal.sees('[')
    terminal.type(keys.ctrlC)
    await terminal.sees('a second Ctrl-C stops at once')
    terminal.type(keys.ctrlC)
    expect(await terminal.ended()).toBe(130)
    expect(terminal.text()).not.toMatch(/ACCOUNT/)
    expect(terminal.text().endsWith('\r\n')).toBe(true)
  })

  it('--quiet draws nothing', async () => {
    const terminal = download(undefined, ['--quiet'])
    expect(await terminal.ended()).toBe(0)
    expect(terminal.text()).not.toMatch(bar)
  })
})
