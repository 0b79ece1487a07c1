import { execFile, spawnSync } from 'node:child_process'
import path from 'node:path'
import { describe } from 'vitest'
import type { Environment } from '../../e2e/support/crosstrail.ts'
import { describeUnless } from '../../describe-unless.ts'

export interface AwsResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

interface AwsProgram {
  readonly path: string
  /** `aws-cli/2.31.0 Python/…`. */
  readonly version: string
}

/**
 * The first AWS CLI on the PATH that runs with another home folder, which the wrappers of version managers may not. Undefined if there is none.
 */
const program = (process.env['PATH'] ?? '')
  .split(path.delimiter)
  .map((folder) => path.join(folder, 'aws'))
  .map((file): AwsProgram | undefined => {
    const { status, stdout } = spawnSync(file, ['--version'], {
      env: { PATH: '/usr/bin:/bin', HOME: '/nowhere' },
      encoding: 'utf8',
    })
    return status === 0 ? { path: file, version: stdout } : undefined
  })
  .find((found) => found !== undefined)

export const awsProgram = program?.path

/** `describe` for tests that need the AWS CLI. If it is missing, they are skipped with the reason, or fail if `CI=true`. */
export function describeWithAws(title: string, tests: () => void): void {
  const missing = program === undefined ? 'no aws here: run `npm run servers` as root on Debian' : undefined
  describeUnless(missing, title, tests)
}

/**
 * The same for tests that need AWS_ENDPOINT_URL. Debian 12 has an AWS CLI without it, so the tests are skipped if the AWS CLI is that old, also
 * if `CI=true`.
 */
export function describeWithAwsEndpoints(title: string, tests: () => void): void {
  const [, major, minor] = (/^aws-cli\/(\d+)\.(\d+)\./.exec(program?.version ?? '') ?? []).map(Number)
  const isOld = major !== undefined && minor !== undefined && minor < (major === 1 ? 29 : 13)
  if (!isOld) return describeWithAws(title, tests)
  process.stderr.write(`skipped: ${title} (the AWS CLI ${major}.${minor} does not know AWS_ENDPOINT_URL)\n`)
  describe.skip(title, tests)
}

/** Runs the AWS CLI with exactly this environment. */
export function aws(args: readonly string[], env: Environment): Promise<AwsResult> {
  return new Promise((resolve, reject) => {
    execFile(awsProgram ?? 'aws', [...args], { env: { ...env } }, (error, stdout, stderr) => {
      if (error === null) resolve({ exitCode: 0, stdout, stderr })
      else if (typeof error.code === 'number') resolve({ exitCode: error.code, stdout, stderr })
      else reject(error)
    })
  })
}
