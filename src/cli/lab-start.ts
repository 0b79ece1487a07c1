import { labAccounts, labBucket, labExternalId, labRegion, labRoles } from '../lab/fixture.ts'
import { startLab } from '../lab/lab.ts'
import { seededRandom } from '../lab/random.ts'
import { addSamples, sampleWindow } from '../lab/samples.ts'
import { formatInstant } from '../trail/time.ts'
import type { LabDescription } from './lab-folder.ts'

/** A lab that runs. */
export interface FilledLab {
  readonly description: LabDescription
  /** What it holds, as a sentence. */
  readonly contents: string
  stop(): Promise<void>
}

/** Starts the lab with sample logs, and says what a config needs to know of it. Throws `lab.port-taken`. */
export async function startFilledLab(options: {
  readonly objects: number
  readonly seed: number
  readonly port: number
}): Promise<FilledLab> {
  const lab = await startLab({ seed: options.seed, port: options.port })
  await addSamples(lab.bucket(), { prefix: '' }, seededRandom(options.seed), { objects: options.objects })
  const { bAudit, zAudit } = lab.principals
  return {
    stop: () => lab.stop(),
    contents: `${options.objects} sample logs, delivered from ${formatInstant(sampleWindow.fromMs)} to ${formatInstant(sampleWindow.toMs)}`,
    description: {
      stsEndpoint: lab.endpoint,
      s3Endpoint: lab.endpoint,
      metadataEndpoint: lab.imdsEndpoint,
      bucket: labBucket,
      region: labRegion,
      owner: labAccounts.A,
      accounts: [
        { label: 'B', id: labAccounts.B, role: labRoles.B, reads: 'own', keys: bAudit },
        { label: 'C', id: labAccounts.C, role: labRoles.C, via: [labRoles.assumeRoleInA], reads: 'own' },
        { label: 'Z', id: labAccounts.Z, role: labRoles.Z, externalId: labExternalId, reads: 'all', keys: zAudit },
      ],
    },
  }
}
