import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { completionFile } from '../../scripts/completion-file.ts'
import { type Shell, shells } from '../../src/cli/completion-scripts.ts'
import { describeUnless } from '../describe-unless.ts'
import { labWorld, type LabWorld } from './support/lab-world.ts'

const bin = resolve(import.meta.dirname, '../../dist/bin.cjs')
const run = promisify(execFile)
const missing = (shell: Shell) =>
  spawnSync(shell, ['-c', 'exit']).error === undefined ? undefined : `${shell} is missing; run npm run servers`

let world: LabWorld
let folder: string
let env: Record<string, string>

beforeAll(async () => {
  world = await labWorld({ sample: { objects: 1 } })
  folder = world.newPath()
  mkdirSync(folder)
  writeFileSync(join(folder, 'crosstrail'), `#!/bin/sh\nexec '${process.execPath}' '${bin}' "$@"\n`, { mode: 0o700 })
  env = { ...world.env, PATH: `${folder}:${world.env['PATH'] ?? ''}` }
})
afterAll(() => world.stop())

/** The file of the package. */
function scriptOf(shell: Shell): string {
  return resolve(import.meta.dirname, '../../dist/completions', completionFile(shell))
}

test.each(shells)('the completion file of %s is what crosstrail completion prints', async (shell) => {
  expect((await world.run(['completion', shell])).stdout).toBe(readFileSync(scriptOf(shell), 'utf8'))
})

describeUnless(missing('bash'), 'completion in bash', () => {
  /** What bash would insert after the finished part of the line. `words`: as bash splits the line. */
  async function offered(...words: string[]): Promise<string[]> {
    const script = `. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _crosstrail_completions; printf '%s\\n' "\${COMPREPLY[@]}"`
    const args = ['--norc', '-c', script, 'bash', scriptOf('bash'), 'crosstrail', ...words]
    // The login shell may be another one
    const { stdout } = await run('bash', args, { env: { ...env, SHELL: '/bin/zsh' } })
    return stdout.trimEnd().split('\n')
  }

  test.each([
    [['pul'], ['pull']],
    [['list', '--summ'], ['--summary']],
    [
      ['list', ''],
      ['B', 'C', 'Z'],
    ],
    [
      ['list', '--output', '='],
      ['table', 'json', 'csv'],
    ],
    [['list', '--output', '=', 'j'], ['json']],
    [
      ['list', '-o', ''],
      ['table', 'json', 'csv'],
    ],
    [
      ['pull', ''],
      ['status', 'B', 'C', 'Z'],
    ],
    [['exec', 'B', '--', ''], ['']],
  ])('%j is completed by %j', async (words, candidates) => {
    expect(await offered(...words)).toEqual(candidates)
  })

  test('offers regions', async () => {
    const regions = await offered('list', '--region', 'us-')
    expect(regions).toEqual(expect.arrayContaining(['us-east-1', 'us-west-2']))
  })

  test('offers the accounts of the config in the line', async () => {
    const config = world.configWith((text) => text.replaceAll('  Z:', '  Archive:'))
    expect(await offered('list', '--config', config, 'A')).toEqual(['Archive'])
    expect(await offered('list', '--config', '=', config, 'A')).toEqual(['Archive'])
  })
})

describeUnless(missing('zsh'), 'completion in zsh', () => {
  test('the script loads and passes the words before the cursor', async () => {
    const script = `compdef() { :; }; _describe() { print -l -- "\${(P@)2}"; }; _default() { print files; }
      . "$1"; words=(crosstrail list --output=j); CURRENT=3; _crosstrail_completions
      words=(crosstrail pul); CURRENT=2; _crosstrail_completions
      words=(crosstrail list --summ); CURRENT=3; _crosstrail_completions
      words=(crosstrail list --config ''); CURRENT=4; _crosstrail_completions`
    const { stdout } = await run('zsh', ['-f', '-c', script, 'zsh', scriptOf('zsh')], { env })
    const [value, command, option, ...others] = stdout.split('\n')
    expect([value, command?.split(':')[0], option?.split(':')[0]]).toEqual(['--output=json', 'pull', '--summary'])
    expect(others).toEqual(['files', ''])
  })

  test('compinit finds the file by its name', async () => {
    const script = 'fpath=("$1" $fpath); autoload -Uz compinit; compinit -D -u; print ${_comps[crosstrail]}'
    const { stdout } = await run('zsh', ['-f', '-c', script, 'zsh', dirname(scriptOf('zsh'))], { env })
    expect(stdout).toBe('_crosstrail\n')
  })
})

describeUnless(missing('fish'), 'completion in fish', () => {
  const offered = async (line: string) => {
    const args = ['--no-config', '-c', `source $argv[1]; complete -C $argv[2]`, scriptOf('fish'), line]
    return (await run('fish', args, { env })).stdout.trimEnd().split('\n')
  }

  test('offers words, values and accounts', async () => {
    expect(await offered('crosstrail list --output=j')).toEqual(['--output=json'])
    expect((await offered('crosstrail pul')).map((line) => line.split('\t')[0])).toEqual(['pull'])
    expect((await offered('crosstrail list --summ')).map((line) => line.split('\t')[0])).toEqual(['--summary'])
    expect(await offered('crosstrail pull ')).toEqual(expect.arrayContaining(['status', 'B', 'C', 'Z']))
  })
})
