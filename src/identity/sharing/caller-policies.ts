import { parseRoleArn } from '../../trail/arn.ts'
import { arnPartition } from '../../trail/region.ts'
import { programName } from '../program-name.ts'
import { roleChain } from '../role-chain.ts'
import { groupedDocument } from './grouped-statements.ts'
import { readerStatements } from './queue-statements.ts'
import type { SharingAccount } from './sharing-account.ts'
import type { SharingRequest } from './sharing-request.ts'
import type { SharingAttachment, SharingPolicy } from './sharing-policy.ts'
import { assumeStatement, podTrustStatement, serviceTrustStatement, withPodTags } from './statements.ts'

/** Returns what the user or role of each account needs: the rights to assume the first role and to receive from its queue and, if a service provides it, its trust policy. */
export function callerPolicies(request: SharingRequest): readonly SharingPolicy[] {
  return request.accounts.flatMap((account) => {
    const callerArn = request.callers.get(account.label)
    return [...serviceTrust(account, callerArn), mayAct(account, callerArn, request)]
  })
}

/** Returns whom the first role trusts: the caller if known, else the whole account, whose own policies then decide who may assume the role. */
export function trustedByFirst(account: SharingAccount, callerArn: string | undefined): string {
  return callerOf(account, callerArn) ?? `arn:${partitionOf(account)}:iam::${account.id}:root`
}

function mayAct(
  account: SharingAccount,
  callerArn: string | undefined,
  { announcing, queues }: SharingRequest,
): SharingPolicy {
  const queue = queues?.get(account.label)
  const receive = queue === undefined || announcing === undefined ? [] : readerStatements(queue, announcing)
  const { hops, role } = roleChain(account)
  const statement = assumeStatement(hops[0] ?? role, account.sourceIdentity !== undefined)
  return {
    ...common(account),
    // The role of a web identity may belong to another account.
    inAccount: parseRoleArn(callerOf(account, callerArn) ?? '')?.accountId ?? account.id,
    kind: 'caller',
    name: `crosstrail-caller-${account.label}`,
    attachTo: callerOf(account, callerArn) ?? callerInWords(account),
    attachment: callerAttachment(account, callerArn),
    document: groupedDocument([{ label: account.label, statements: [...withPodTags(statement, account), ...receive] }]),
  }
}

function serviceTrust(account: SharingAccount, callerArn: string | undefined): readonly SharingPolicy[] {
  const service = services[account.credentials.type]
  if (service === undefined) return []
  const named = parseRoleArn(callerArn ?? '')
  const domain = partitionOf(account) === 'aws-cn' && service === 'ec2' ? 'amazonaws.com.cn' : 'amazonaws.com'
  const statements = [
    serviceTrustStatement(`${service}.${domain}`),
    ...(account.credentials.type === 'ecs' ? [podTrustStatement()] : []),
  ]
  return [
    {
      ...common(account),
      kind: 'service-trust',
      name: `crosstrail-service-trust-${account.label}`,
      attachTo: callerArn ?? callerInWords(account),
      attachment: {
        type: 'role-trust',
        roleName: named?.roleName ?? serviceRoleName(account),
        path: named?.path ?? '/',
        instanceProfile: service === 'ec2',
      },
      document: groupedDocument([{ label: account.label, statements }]),
    },
  ]
}

const services: Readonly<Record<string, string>> = { ec2: 'ec2', ecs: 'ecs-tasks' }

function callerAttachment(account: SharingAccount, callerArn: string | undefined): SharingAttachment {
  const caller = callerOf(account, callerArn)
  const role = parseRoleArn(caller ?? '')
  if (role !== undefined) return { type: 'role-policy', roleName: role.roleName }
  const userName = /:user\/(?:.*\/)?([^/]+)$/.exec(caller ?? '')?.[1]
  if (userName !== undefined) return { type: 'user-policy', userName }
  return services[account.credentials.type] === undefined
    ? { type: 'unnamed-principal' }
    : { type: 'role-policy', roleName: serviceRoleName(account) }
}

function callerOf({ credentials }: SharingAccount, callerArn: string | undefined): string | undefined {
  return callerArn ?? (credentials.type === 'webIdentity' ? credentials.role : undefined)
}

function callerInWords(account: SharingAccount): string {
  const { credentials } = account
  switch (credentials.type) {
    case 'profile':
      return `the user or role whose keys are in profile ${credentials.profile}`
    case 'sso':
      return `the permission set that profile ${credentials.profile} signs in with`
    case 'process':
      return `the user or role whose keys ${programName(credentials.command)} prints`
    case 'env':
      return 'the user or role whose keys are in the environment'
    case 'ec2':
      return `the role of the instance's profile, here called ${serviceRoleName(account)}`
    case 'ecs':
      return `the role of the task or pod, here called ${serviceRoleName(account)}`
    case 'webIdentity':
      return credentials.role
    case 'chain':
      return "the user or role whose keys the SDK's default chain finds"
  }
}

/** IAM: the maximum is 64 characters. */
function serviceRoleName({ label }: SharingAccount): string {
  return `crosstrail-${label}`.slice(0, 64)
}

function partitionOf(account: SharingAccount): string {
  return arnPartition(account.role) ?? 'aws'
}

function common(account: SharingAccount) {
  return { side: 'caller' as const, accounts: [account.label], inAccount: account.id }
}
