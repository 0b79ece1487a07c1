import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import { onTestFinished } from 'vitest'

import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { configProblems } from '../../src/config/problem.ts'
import { CrosstrailError } from '../../src/error.ts'

/** Creates an empty folder that is removed after the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'crosstrail-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

type Env = Readonly<Record<string, string | undefined>>

export function loadText(text: string | Buffer, env: Env = {}, name = 'crosstrail.yaml'): Config {
  const cwd = emptyFolder()
  writeFileSync(path.join(cwd, name), text)
  return loadConfig({ file: name, env, cwd, homeDir: '/home/ana' })
}

export function errorOf(load: () => unknown): CrosstrailError {
  try {
    load()
  } catch (error) {
    if (error instanceof CrosstrailError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** Returns the problems of a config, as `line:column path: message`. */
export function problemsOf(text: string, env: Env = {}, name?: string): string[] {
  const problems = configProblems(errorOf(() => loadText(text, env, name)))
  return problems.map((problem) => `${problem.line}:${problem.column} ${problem.path}: ${problem.message}`)
}

/** Returns a config with one account, B, and these lines added to the account and the trail. */
export function withLines(account: readonly string[] = [], trail: readonly string[] = []): string {
  return [
    'trail:',
    '  bucket: example-cloudtrail-logs',
    '  owner: "111111111111"',
    ...(trail.some((line) => line.startsWith('region:')) ? [] : ['  region: us-east-1']),
    ...trail.map((line) => `  ${line}`),
    'accounts:',
    '  B:',
    '    id: "222222222222"',
    ...(account.some((line) => line.startsWith('role:')) ? [] : ['    role: arn:aws:iam::111111111111:role/Logs-B']),
    ...account.map((line) => `    ${line}`),
    '',
  ].join('\n')
}
