import { CrosstrailError } from '../error.ts'
import type { CrosstrailApp } from '../app/crosstrail.ts'
import type { AccessArgs } from './access-args.ts'
import type { PolicySet, PolicyCheck } from '../verbs/policy/policies.ts'
import type { PolicyOptions } from '../verbs/policy/options.ts'
import type { Input } from './streams.ts'
import type { PolicyFormat } from './options/policies.ts'
import { policyCloudFormationLines } from './render/policy-cloudformation.ts'
import { policyShellLines } from './render/policy-shell.ts'
import { policyTerraformLines } from './render/policy-terraform.ts'
import { escapeText, safeJson } from './render/escape.ts'
import { compactPolicy } from '../identity/policy-document.ts'
import { readText } from './read-text.ts'

export interface PolicyArgs {
  readonly aws: AccessArgs
  readonly options: PolicyOptions
  readonly format: PolicyFormat | undefined
  readonly check: string | undefined
  readonly quiet: boolean
}

export interface PolicyAnswer {
  readonly lines: readonly string[]
  readonly notes: readonly string[]
  readonly hasFindings: boolean
}

export async function policyAnswer(args: PolicyArgs, crosstrail: CrosstrailApp, stdin: Input): Promise<PolicyAnswer> {
  if (args.check === undefined) return printed(await crosstrail.policies(args.options), args.format ?? 'json')
  if (args.format !== undefined && args.format !== 'json') {
    throw new CrosstrailError('usage.conflict', `--check does not go together with --format ${args.format}`, {
      hint: 'findings are printed as text, or as one object per line with --format json',
    })
  }
  const text = await readText(args.check, stdin, {
    mostBytes,
    hint: 'give --check the file of a policy, or - for stdin',
    tooLarge: () =>
      new CrosstrailError('usage.not-a-policy', 'the input of --check is larger than any policy', {
        hint: 'give the JSON of one policy',
      }),
  })
  const check = await crosstrail.checkPolicy({ ...args.options, text })
  return {
    lines: policyCheckLines(check, args.format === 'json'),
    notes: [`compared with the ${check.policy.kind} policy of ${check.policy.accounts.join(', ')}`],
    hasFindings: check.findings.length > 0,
  }
}

function printed(set: PolicySet, format: PolicyFormat): PolicyAnswer {
  const accounts = [...new Set([...set.policies, ...set.settings].map(({ inAccount }) => inAccount))]
  if (accounts.length === 0) {
    throw new CrosstrailError('usage.conflict', 'no policy matches these options', {
      hint: 'remove --kind, --side and --in-account to see all policies. Policies of keys and buckets need --log-kms-key, --bucket-policy, --copy-to-owner or --copy-kms-key, and those of queues need --sqs',
    })
  }
  if (accounts.length > 1 && (format === 'cli' || format === 'cloudformation')) {
    const message = `--format ${format} is for one AWS account, and these policies are for ${accounts.join(', ')}`
    throw new CrosstrailError('usage.conflict', message, {
      hint: `add --in-account ${accounts[0]}, and run it again for the others`,
    })
  }
  return { lines: writers[format](set), notes: set.notes, hasFindings: false }
}

const writers: Readonly<Record<PolicyFormat, (set: PolicySet) => readonly string[]>> = {
  json: policyJsonLines,
  terraform: policyTerraformLines,
  cloudformation: policyCloudFormationLines,
  cli: policyShellLines,
}

/** Policies of AWS are far smaller. */
const mostBytes = 1_048_576

/** The lines of `--check`: one line per finding, and below it the statement to add, if one is missing. As JSON, one object per line. */
function policyCheckLines({ policy, findings }: PolicyCheck, asJson: boolean): readonly string[] {
  if (asJson) return findings.map((finding) => safeJson({ policy: policy.kind, attachTo: policy.attachTo, ...finding }))
  if (findings.length === 0) return ['nothing is missing, and nothing is too wide']
  return findings.flatMap(({ kind, statement, message, add }) => [
    escapeText(`${kind.padEnd(8)} ${statement === undefined ? '' : `${statement}: `}${message}`),
    ...(add === undefined ? [] : [`         add ${safeJson(add)}`]),
  ])
}

/** The lines of `--format json`: a single policy as its document, as AWS tools read it. Several as one object per line, with where to attach each. */
function policyJsonLines({ policies, settings }: Pick<PolicySet, 'policies' | 'settings'>): readonly string[] {
  const all = [...policies, ...settings]
  const [only] = policies
  if (only !== undefined && all.length === 1) return [compactPolicy(only.document)]
  if (all.length === 1) return settings.map(({ document }) => safeJson(document))
  return all.map(({ side, kind, accounts, inAccount, attachTo, name, document }) =>
    safeJson({ side, kind, accounts, inAccount, attachTo, name, document }),
  )
}
