import { labAccounts, labBucket, labExternalId, labRegion, labRoles } from '../lab/fixture.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import type { AnnouncementShape } from '../lab/sqs/announcement-body.ts'
import { dayMs, hourMs } from '../trail/calendar.ts'
import { formatInstant } from '../trail/time.ts'
import type { LabDescription } from './lab-folder.ts'

const labOrganization = 'o-exampleorgid'
const labArchive = 'example-archive'
const labQueue = 'new-logs'
const sampleDays = 7

export interface FilledLab {
  readonly description: LabDescription
  readonly contents: string
  /** Set if the logs are announced. */
  readonly queueUrl: string | undefined
  stop(): Promise<void>
}

/** Starts the lab with sample logs, and returns what a config needs. Throws `lab.port-taken`. */
export async function startFilledLab(options: {
  readonly objects: number
  readonly seed: number
  readonly port: number
  readonly digests: boolean
  readonly organization: boolean
  readonly announce?: AnnouncementShape | undefined
  readonly nowMs: number
}): Promise<FilledLab> {
  const { seed, port, objects, digests, nowMs } = options
  const organization = options.organization ? labOrganization : undefined
  // The digest of an hour that is not over would end in the future, and verify would say that the clock is wrong.
  const toMs = digests ? Math.floor(nowMs / hourMs) * hourMs : nowMs
  const window = { fromMs: toMs - sampleDays * dayMs, toMs }
  const lab = await startLab({ seed, port, layout: { prefix: '', organization }, sample: { objects, digests, window } })
  addArchive(lab)
  const queueUrl = options.announce && addQueue(lab, options.announce)
  const signed = digests ? ` and ${lab.sample?.digests ?? 0} digests` : ''
  const { bAudit, zAudit } = lab.principals
  return {
    stop: () => lab.stop(),
    queueUrl,
    contents: `${objects} sample logs${signed}, delivered from ${formatInstant(window.fromMs)} to ${formatInstant(window.toMs)}`,
    description: {
      stsEndpoint: lab.endpoint,
      s3Endpoint: lab.endpoint,
      cloudTrailEndpoint: lab.endpoint,
      sqsEndpoint: lab.endpoint,
      metadataEndpoint: lab.imdsEndpoint,
      bucket: labBucket,
      region: labRegion,
      owner: labAccounts.A,
      organization,
      accounts: [
        { label: 'B', id: labAccounts.B, role: labRoles.B, reads: 'own', keys: bAudit },
        { label: 'C', id: labAccounts.C, role: labRoles.C, via: [labRoles.assumeRoleInA], reads: 'own' },
        {
          label: 'Z',
          id: labAccounts.Z,
          role: labRoles.Z,
          externalId: labExternalId,
          reads: 'all',
          allow: ['list', 'download', 'copy', 'delete', 'verify'],
          keys: zAudit,
        },
      ],
    },
  }
}

/** Adds a queue that announces every log, and lets the accounts and their roles read it. Returns its URL. */
function addQueue(lab: Lab, shape: AnnouncementShape): string {
  const { B, C, Z } = labAccounts
  const queue = lab.queues.create(labQueue)
  const reading = { Effect: 'Allow', Action: queueRights, Resource: queue.arn } as const
  const readers = [B, C, Z].map((account) => `arn:aws:iam::${account}:root`)
  queue.policy = { Version: '2012-10-17', Statement: { ...reading, Principal: { AWS: readers } } }
  const roles = [labRoles.B, labRoles.C, labRoles.Z, labRoles.instance].map((arn) => lab.iam.role(arn))
  const { bAudit, zAudit } = lab.principals
  for (const holder of [...roles, bAudit.user, zAudit.user]) {
    holder?.policies.push({ Version: '2012-10-17', Statement: reading })
  }
  lab.announce({ queue, shape, existing: true })
  return queue.url
}

const queueRights = [
  'sqs:ReceiveMessage',
  'sqs:DeleteMessage',
  'sqs:ChangeMessageVisibility',
  'sqs:GetQueueAttributes',
  'sqs:GetQueueUrl',
]

/** Adds a second bucket that Z's role may copy to, and versioning to the first, so that deletions can be undone. */
function addArchive(lab: Lab): void {
  lab.bucket().versioning = 'Enabled'
  lab.addBucket({ name: labArchive, owner: labAccounts.A, region: labRegion })
  lab.iam.role(labRoles.Z)?.policies.push({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['s3:Get*', 's3:List*', 's3:PutObject'],
        Resource: [`arn:aws:s3:::${labArchive}`, `arn:aws:s3:::${labArchive}/*`],
      },
    ],
  })
}
