import type { AccountId } from '../../trail/account-id.ts'
import { type Announcing, needsRuleRole, ruleRoleArn, ruleRoleName, type SharedQueue, usesTopic } from './announcing.ts'
import { trustedByFirst } from './caller-policies.ts'
import { groupedBy, groupedDocument, type LabelledStatements } from './grouped-statements.ts'
import {
  publishStatement,
  queueKeyStatements,
  receiveStatement,
  ruleRoleStatements,
  sendStatement,
  subscribeStatement,
  topicKeyStatement,
} from './queue-statements.ts'
import type { SharingAccount } from './sharing-account.ts'
import type { SharingAttachment, SharingKind, SharingPolicy } from './sharing-policy.ts'
import type { SharingRequest } from './sharing-request.ts'
import { serviceTrustStatement } from './statements.ts'

interface Reader {
  readonly account: SharingAccount
  readonly queue: SharedQueue
  /** The user, role or account that receives. */
  readonly principal: string
}

/** Returns the policies of queues, topics and their keys, and of the roles of EventBridge, in the order in which to attach them. */
export function queuePolicies(request: SharingRequest): readonly SharingPolicy[] {
  const { announcing } = request
  const readers = readersOf(request)
  if (announcing === undefined || readers.length === 0) return []
  return [
    ...(usesTopic(announcing) ? topicPolicies(readers, announcing, request) : []),
    ...readers.flatMap((reader) => ruleRole(reader, announcing, request)),
    ...queueKey(readers, announcing, request),
    ...[...groupedBy(readers, ({ queue }) => queue.arn).values()].flatMap((group) =>
      queuePolicy(group, announcing, request),
    ),
  ]
}

/** Returns the accounts that have a queue. */
function readersOf({ accounts, callers, queues }: SharingRequest): readonly Reader[] {
  return accounts.flatMap((account) => {
    const queue = queues?.get(account.label)
    if (queue === undefined) return []
    return [{ account, queue, principal: trustedByFirst(account, callers.get(account.label)) }]
  })
}

function queuePolicy(
  group: readonly Reader[],
  announcing: Announcing,
  { trail }: SharingRequest,
): readonly SharingPolicy[] {
  const [first] = group
  if (first === undefined) return []
  const { url, region, arn, owner } = first.queue
  const groups = group.map(({ account, queue, principal }) => ({
    label: account.label,
    statements: [
      sendStatement(queue, account, trail, announcing),
      ...(accountOf(principal) === queue.owner ? [] : [receiveStatement(queue, principal)]),
    ],
  }))
  const name = `crosstrail-queue-${first.account.label}`
  return [shared('queue', groups, owner, arn, { type: 'queue-policy', url, region }, name, trail.owner)]
}

function queueKey(
  readers: readonly Reader[],
  announcing: Announcing,
  { trail }: SharingRequest,
): readonly SharingPolicy[] {
  const { queueKeyArn } = announcing
  if (queueKeyArn === undefined) return []
  const groups = readers.map(({ account, queue, principal }) => ({
    label: account.label,
    statements: queueKeyStatements(queue, account, trail, announcing, principal),
  }))
  return [keyPolicy('queue-key', groups, queueKeyArn, trail.owner)]
}

function topicPolicies(
  readers: readonly Reader[],
  announcing: Announcing,
  { trail }: SharingRequest,
): readonly SharingPolicy[] {
  const { topicArn, topicIsNew, topicKeyArn } = announcing
  const owner = accountOf(topicArn)
  const publish = readers.slice(0, 1).map(({ account }) => publishStatement(account, trail, announcing))
  const groups = [
    // It is the same for all accounts, so its Sid has no label.
    { label: '', statements: publish },
    ...readers
      .filter(({ queue }) => queue.owner !== owner)
      .map(({ account, queue }) => ({
        label: account.label,
        statements: [subscribeStatement(queue, account, announcing)],
      })),
  ]
  const labels = readers.map(({ account }) => account.label)
  const attachment = { type: 'topic-policy', topicArn, isNew: topicIsNew } as const
  const topic = shared('topic', groups, owner, topicArn, attachment, 'crosstrail-topic', trail.owner)
  const key = { label: '', statements: [topicKeyStatement(announcing)] }
  return [
    ...(topicKeyArn === undefined
      ? []
      : [{ ...keyPolicy('topic-key', [key], topicKeyArn, trail.owner), accounts: labels }]),
    { ...topic, accounts: labels },
  ]
}

/** EventBridge sends to a queue of another account with a role of its own account. */
function ruleRole(
  { account, queue }: Reader,
  announcing: Announcing,
  { trail }: SharingRequest,
): readonly SharingPolicy[] {
  if (!needsRuleRole(announcing, queue, trail)) return []
  const { label } = account
  const roleName = ruleRoleName(label)
  const common = {
    side: 'owner' as const,
    accounts: [label],
    inAccount: trail.owner,
    attachTo: ruleRoleArn(account, trail.owner),
  }
  const trust = [{ label, statements: [serviceTrustStatement('events.amazonaws.com')] }]
  return [
    {
      ...common,
      kind: 'rule-trust',
      name: `crosstrail-rule-trust-${label}`,
      attachment: { type: 'role-trust', roleName, path: '/' },
      document: groupedDocument(trust),
    },
    {
      ...common,
      kind: 'rule-role',
      name: `crosstrail-rule-role-${label}`,
      attachment: { type: 'role-policy', roleName },
      document: groupedDocument([{ label, statements: ruleRoleStatements(queue, announcing) }]),
    },
  ]
}

function keyPolicy(
  kind: SharingKind,
  groups: readonly LabelledStatements[],
  keyArn: string,
  bucketOwner: AccountId,
): SharingPolicy {
  return shared(
    kind,
    groups,
    accountOf(keyArn),
    keyArn,
    { type: 'key-policy', keyArn },
    `crosstrail-${kind}`,
    bucketOwner,
  )
}

/** A policy to which statements are added. They replace those with the same Sid, so Sids carry the account's label. */
function shared(
  kind: SharingKind,
  groups: readonly LabelledStatements[],
  inAccount: AccountId,
  attachTo: string,
  attachment: SharingAttachment,
  name: string,
  bucketOwner: AccountId,
): SharingPolicy {
  return {
    side: inAccount === bucketOwner ? 'owner' : 'caller',
    kind,
    accounts: groups.map(({ label }) => label),
    inAccount,
    attachTo,
    attachment,
    name,
    document: groupedDocument(groups, true),
  }
}

function accountOf(arn: string): AccountId {
  return (arn.split(':')[4] ?? '') as AccountId
}
