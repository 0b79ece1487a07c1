import { execFile, spawnSync } from 'node:child_process'
import path from 'node:path'
import type { Environment } from '../../e2e/support/crosstrail.ts'
import { describeUnless } from '../../describe-unless.ts'

export interface AwsResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * The first AWS CLI on the PATH that runs with another home folder, which the wrappers of version managers may not. Undefined if there is none.
 */
export const awsProgram = (process.env['PATH'] ?? '')
  .split(path.delimiter)
  .map((folder) => path.join(folder, 'aws'))
  .find(
    (program) => spawnSync(program, ['--version'], { env: { PATH: '/usr/bin:/bin', HOME: '/nowhere' } }).status === 0,
  )

/** `describe` for tests that need the AWS CLI. If it is missing, they are skipped with the reason, or fail if `CI=true`. */
export function describeWithAws(title: string, tests: () => void): void {
  const missing = awsProgram === undefined ? 'no aws here: run `npm run servers` as root on Debian' : undefined
  describeUnless(missing, title, tests)
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
