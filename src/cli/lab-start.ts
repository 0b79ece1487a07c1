import { labAccounts, labBucket, labExternalId, labRegion, labRoles } from '../lab/fixture.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { dayMs, hourMs } from '../trail/calendar.ts'
import { formatInstant } from '../trail/time.ts'
import type { LabDescription } from './lab-folder.ts'

const labOrganization = 'o-exampleorgid'
const labArchive = 'example-archive'
const sampleDays = 7

export interface FilledLab {
  readonly description: LabDescription
  readonly contents: string
  stop(): Promise<void>
}

/** Starts the lab with sample logs, and returns what a config needs. Throws `lab.port-taken`. */
export async function startFilledLab(options: {
  readonly objects: number
  readonly seed: number
  readonly port: number
  readonly digests: boolean
  readonly organization: boolean
  readonly nowMs: number
}): Promise<FilledLab> {
  const { seed, port, objects, digests, nowMs } = options
  const organization = options.organization ? labOrganization : undefined
  // The digest of an hour that is not over would end in the future, and verify would say that the clock is wrong.
  const toMs = digests ? Math.floor(nowMs / hourMs) * hourMs : nowMs
  const window = { fromMs: toMs - sampleDays * dayMs, toMs }
  const lab = await startLab({ seed, port, layout: { prefix: '', organization }, sample: { objects, digests, window } })
  addArchive(lab)
  const signed = digests ? ` and ${lab.sample?.digests ?? 0} digests` : ''
  const { bAudit, zAudit } = lab.principals
  return {
    stop: () => lab.stop(),
    contents: `${objects} sample logs${signed}, delivered from ${formatInstant(window.fromMs)} to ${formatInstant(window.toMs)}`,
    description: {
      stsEndpoint: lab.endpoint,
      s3Endpoint: lab.endpoint,
      cloudTrailEndpoint: lab.endpoint,
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
