import { closeSync, openSync, readSync } from 'node:fs'
import type { Config } from '../config/config.ts'
import { refuseUnusable } from '../config/unset-variable.ts'
import { CrosstrailError } from '../error.ts'
import { arnPartition } from '../trail/region.ts'
import { demandDestination } from '../sinks/bucket/destination.ts'
import { checkAgainst, policies, type PolicyRequest, type PolicySet } from '../verbs/policy/policy.ts'
import { accountsByLabel } from '../app/account-labels.ts'
import type { Input } from './command.ts'
import type { PolicyArgs } from './commands/policy.ts'
import type { PolicyFormat } from './options/policies.ts'
import { policyCheckLines } from './render/policy-check.ts'
import { policyCloudFormationLines } from './render/policy-cloudformation.ts'
import { policyJsonLines } from './render/policy-json.ts'
import { policyShellLines } from './render/policy-shell.ts'
import { policyTerraformLines } from './render/policy-terraform.ts'

export interface PolicyAnswer {
  readonly lines: readonly string[]
  /** For stderr. */
  readonly notes: readonly string[]
  readonly hasFindings: boolean
}

/** What `policy` prints. Throws `usage.…`. */
export async function policyAnswer(args: PolicyArgs, config: Config, stdin: Input): Promise<PolicyAnswer> {
  const request = requestOf(args, config)
  if (args.check === undefined) return printed(policies(request, config), args.format ?? 'json')
  if (args.format !== undefined && args.format !== 'json') {
    throw new CrosstrailError('usage.conflict', `--check does not go together with --format ${args.format}`, {
      hint: 'findings are printed as text, or with --format json as an object a line',
    })
  }
  const text = args.check === '-' ? await readAll(stdin) : readFile(args.check)
  const check = checkAgainst(text, request, config)
  return {
    lines: policyCheckLines(check, args.format === 'json'),
    notes: [`compared with the ${check.policy.kind} policy of ${check.policy.accounts.join(', ')}`],
    hasFindings: check.findings.length > 0,
  }
}

function printed(set: PolicySet, format: PolicyFormat): PolicyAnswer {
  const accounts = [...new Set(set.policies.map(({ inAccount }) => inAccount))]
  if (set.policies.length === 0) {
    throw new CrosstrailError('usage.conflict', 'there is no such policy', {
      hint: 'leave out --kind, --side and --in-account to see which there are; those of keys and buckets come with --log-kms-key, --bucket-policy, --copy-to-owner and --copy-kms-key',
    })
  }
  if (accounts.length > 1 && (format === 'cli' || format === 'cloudformation')) {
    throw new CrosstrailError(
      'usage.conflict',
      `--format ${format} is for one AWS account, and these policies are for ${accounts.join(', ')}`,
      {
        hint: `add --in-account ${accounts[0]}, and run it again for the others`,
      },
    )
  }
  return { lines: writers[format](set), notes: set.notes, hasFindings: false }
}

const writers: Readonly<Record<PolicyFormat, (set: PolicySet) => readonly string[]>> = {
  json: policyJsonLines,
  terraform: policyTerraformLines,
  cloudformation: policyCloudFormationLines,
  cli: policyShellLines,
}

function requestOf(args: PolicyArgs, config: Config): PolicyRequest {
  const { side, kinds, inAccount, rights, byBucketPolicy, showExternalIds, copyTo, copyToOwner } = args
  const accounts = accountsByLabel(config, args.labels)
  accounts.forEach(refuseUnusable)
  const [account, another] = accounts
  if (args.callerArn !== undefined && account !== undefined) {
    const [, , , , id] = args.callerArn.split(':')
    if (another !== undefined) throw conflict('--caller is of one account', 'name that account')
    if (id !== account.id) throw conflict(`--caller is in account ${id}, and ${account.label} is ${account.id}`)
    if (['ec2', 'ecs'].includes(account.credentials.type) && !args.callerArn.includes(':role/')) {
      throw conflict(`--caller is no role, and ${account.label} calls with that of its instance or task`)
    }
  }
  if (copyTo === undefined && copyToOwner !== undefined) throw conflict('--copy-to-owner needs --copy-to')
  const arns = [args.callerArn, args.keyArn, args.targetKeyArn, args.trailArn].filter((arn) => arn !== undefined)
  const partition = arnPartition(account?.role ?? '')
  const foreign = arns.find((arn) => arnPartition(arn) !== partition)
  if (foreign !== undefined) throw conflict(`${foreign} is not of the partition ${partition ?? 'of the roles'}`)
  return {
    accounts,
    side,
    kinds,
    inAccount,
    rights,
    callerArn: args.callerArn,
    byBucketPolicy,
    showExternalIds,
    extras: {
      target: copyTo === undefined ? undefined : demandDestination(copyTo),
      targetOwner: copyToOwner,
      keyArn: args.keyArn,
      targetKeyArn: args.targetKeyArn,
      trailArn: args.trailArn,
    },
  }
}

function conflict(message: string, hint?: string): CrosstrailError {
  return new CrosstrailError('usage.conflict', message, { hint })
}

/** AWS's policies are far smaller. */
const mostBytes = 1_048_576

function readFile(file: string): string {
  let descriptor: number | undefined
  try {
    descriptor = openSync(file, 'r')
    const bytes = Buffer.alloc(mostBytes + 1)
    let length = 0
    for (;;) {
      const read = readSync(descriptor, bytes, length, bytes.length - length, null)
      if (read === 0) return bytes.toString('utf8', 0, length)
      length += read
      if (length > mostBytes) throw tooLarge()
    }
  } catch (error) {
    if (error instanceof CrosstrailError) throw error
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given'
    throw new CrosstrailError('usage.unreadable-file', `${file} cannot be read: ${reason}`, {
      hint: 'give the file of a policy to --check, or - for stdin',
      cause: error,
    })
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

async function readAll(stdin: Input): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk as Uint8Array | string)
    length += bytes.length
    if (length > mostBytes) throw tooLarge()
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function tooLarge(): CrosstrailError {
  return new CrosstrailError('usage.not-a-policy', 'what --check was given is larger than any policy', {
    hint: 'give the JSON of one policy',
  })
}
