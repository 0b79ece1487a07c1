import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { displayWidth } from '../../src/cli/render/display-width.ts'
import { eventFolder, eventRecord, hostileRecords } from '../e2e/support/event-folder.ts'
import { labWorld, type LabWorld } from '../e2e/support/lab-world.ts'
import { describeOnTerminal, keys, openTerminal, type Terminal } from './terminal.ts'

const records = 3000
const hasLess = (() => {
  try {
    return execFileSync('sh', ['-c', 'command -v less']).length > 0
  } catch {
    process.stderr.write('skipped: some tests of pagers need less\n')
    return false
  }
})()

describeOnTerminal('events on a terminal', () => {
  let world: LabWorld
  let few: string
  let many: string
  let hostile: string
  beforeAll(async () => {
    world = await labWorld({ sample: { objects: 300 } })
    const call = (at: number) => eventRecord(at, { eventName: `Call${at}x` })
    const log = (first: number, count: number) =>
      [`log-${first}.json`, Array.from({ length: count }, (_, at) => call(first + at))] as const
    few = eventFolder(world.newPath(), Object.fromEntries([0, 1, 2].map((at) => log(at, 1))))
    many = eventFolder(
      world.newPath(),
      Object.fromEntries([...Array(records / 10).keys()].map((at) => log(at * 10, 10))),
    )
    hostile = eventFolder(world.newPath(), { 'log.json': hostileRecords })
  })
  afterAll(() => world.stop())

  const search = (args: readonly string[], { pager = '', columns = 80 } = {}): Terminal =>
    openTerminal(['events', ...args], {
      env: { ...world.env, ...(pager !== '' && { CROSSTRAIL_PAGER: pager }) },
      cwd: world.env['HOME'] ?? '/',
      columns,
    })
  const linesOf = (terminal: Terminal) => terminal.text().split('\r\n')

  it('a pager gets the table, and the counts follow when it ends', async () => {
    const terminal = search(['--dir', few], { pager: 'sed "s/^/paged /"' })
    expect(await terminal.ended()).toBe(0)
    expect(linesOf(terminal)).toEqual([
      expect.stringMatching(/^paged TIME +USER +EVENT/),
      expect.stringMatching(/^paged .* Call0x/),
      expect.stringMatching(/^paged .* Call1x/),
      expect.stringMatching(/^paged .* Call2x/),
      expect.stringMatching(/^read 3 records in 3 logs: 3 matched, 0 of them duplicates; 3 shown/),
      '',
    ])
  })

  it('without a match no pager starts', async () => {
    const terminal = search(['--dir', few, '--event-name', 'Nothing'], { pager: 'echo started' })
    expect(await terminal.ended()).toBe(0)
    expect(terminal.text()).not.toContain('started')
  })

  it.each(['no-such-pager', '/dev/null', 'false', "sh -c 'exit 3'", "sh -c 'kill -9 $$'", "sh -c 'read -r x; exit 1'"])(
    'if the pager %s does not work, everything is shown without it',
    async (pager) => {
      const terminal = search(['--dir', many], { pager })
      expect(await terminal.ended()).toBe(0)
      const shown = () => [...terminal.text().matchAll(/ Call(\d+)x /g)].map(([, at]) => Number(at))
      // The terminal may still have output when the command has ended.
      await expect.poll(() => shown().length).toBe(records)
      expect(new Set(shown()).size).toBe(records)
      await expect.poll(() => terminal.text()).toContain(`warning: the pager ${pager} `)
      await expect.poll(() => terminal.text()).toContain('3,000 shown')
    },
  )

  it.each(['', 'cat', ' '])('the pager %j is none', async (pager) => {
    const terminal = search(['--dir', few, ...(pager === '' ? ['--no-pager'] : [])], { pager })
    expect(await terminal.ended()).toBe(0)
    expect(linesOf(terminal)).toHaveLength(6)
  })

  it('leaving the pager ends the search quietly', async () => {
    let gets = 0
    world.lab.setFaults({
      hook({ operation }) {
        if (operation !== 'GetObject') return undefined
        return ++gets > 40 ? { latencyMs: 200 } : undefined
      },
    })
    onTestFinished(() => world.lab.setFaults({}))
    const terminal = search(['Z', '--from', '2020-01-01'], { pager: 'head -3' })
    expect(await terminal.ended()).toBe(0)
    expect(linesOf(terminal)).toHaveLength(4)
    expect(terminal.text()).not.toMatch(/read|interrupted|stopping|warning/)
    expect(gets).toBeLessThan(250)
  })

  it('Ctrl-C is for the pager: it ends the search, and crosstrail waits until the person leaves', async () => {
    let gets = 0
    world.lab.setFaults({
      hook({ operation }) {
        if (operation !== 'GetObject') return undefined
        return ++gets > 40 ? { latencyMs: 300 } : undefined
      },
    })
    onTestFinished(() => world.lab.setFaults({}))
    const script = `let heard = 0
      process.stdin.once('data', () => console.log('pager reads'))
      process.stdin.on('end', () => setTimeout(() => console.log('pager ends') ?? process.exit(), 1500))
      process.on('SIGINT', () => console.log('pager heard ' + ++heard))`
    const terminal = search(['Z', '--from', '2020-01-01'], {
      pager: `'${process.execPath}' -e "${script.replaceAll('\n', ';')}"`,
    })
    await terminal.sees('pager reads')
    for (const time of [1, 2, 3]) {
      terminal.type(keys.ctrlC)
      await terminal.sees(`pager heard ${time}`)
    }
    await terminal.sees('pager ends')
    await terminal.sees('stopping:')
    await terminal.sees('interrupted: not all logs were read')
    expect(await terminal.ended()).toBe(130)
  })

  it('SIGTERM ends the search while a pager runs', async () => {
    const script = `process.stdin.once('data', () => console.log('pager reads')); process.stdin.on('end', () => process.exit())`
    world.lab.setFaults({ hook: ({ operation }) => (operation === 'GetObject' ? { latencyMs: 100 } : undefined) })
    onTestFinished(() => world.lab.setFaults({}))
    const terminal = search(['Z', '--from', '2020-01-01'], { pager: `'${process.execPath}' -e "${script}"` })
    await terminal.sees('pager reads')
    terminal.kill('SIGTERM')
    await terminal.sees('interrupted: not all logs were read')
    expect(await terminal.ended()).toBe(143)
  })

  describe.runIf(hasLess)('with less', () => {
    it('a short table is shown without waiting for a key', async () => {
      const terminal = search(['--dir', few], { pager: 'less' })
      expect(await terminal.ended()).toBe(0)
      expect(terminal.text()).toContain('Call2x')
      expect(terminal.text()).toContain('3 shown')
    })

    it('q leaves a long table', async () => {
      const terminal = search(['--dir', many], { pager: 'less' })
      await terminal.sees('Call1x')
      terminal.type('q')
      expect(await terminal.ended()).toBe(0)
      expect(terminal.text()).not.toContain(`Call${records - 1}x`)
      expect(terminal.text()).not.toContain('warning')
    })

    it('Ctrl-C and q leave a long table', async () => {
      const terminal = search(['--dir', many], { pager: 'less' })
      await terminal.sees('Call1x')
      terminal.type(keys.ctrlC)
      await new Promise((settle) => setTimeout(settle, 300))
      terminal.type('q')
      expect([0, 130]).toContain(await terminal.ended())
    })
  })

  it.each([120, 80, 30])('no line is wider than a terminal with %i columns', async (columns) => {
    for (const args of [[], ['--fields', 'user,eventName,requestParameters'], ['--count-by', 'eventName,user']]) {
      const terminal = search(['--dir', hostile, '--no-pager', '--quiet', ...args], { columns })
      expect(await terminal.ended()).toBe(0)
      const lines = linesOf(terminal)
      expect(lines.length).toBeGreaterThan(10)
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(columns)
    }
  })

  it.each([
    ['a table', []],
    ['JSON', ['--output', 'json']],
    ['JSON of fields', ['--output', 'json', '--fields', 'eventName,requestParameters']],
    ['CSV', ['--output', 'csv']],
    ['counts', ['--count-by', 'eventName,requestParameters']],
    ['counts as CSV', ['--count-by', 'eventName', '--output', 'csv']],
    ['counts as JSON', ['--count-by', 'eventName', '--output', 'json']],
  ])('hostile values in %s do not act on the terminal', async (_what, args) => {
    const terminal = search(['--dir', hostile, '--no-pager', ...args], { columns: 200 })
    expect(await terminal.ended()).toBe(0)
    // The only control characters are those of colors and line ends.
    const rest = terminal.raw().replaceAll(/\u001b\[\d*m|\r\n/g, '')
    expect(rest).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]|\p{Surrogate}/u)
    expect(rest).toContain('owned')
  })
})
