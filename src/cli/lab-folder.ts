import { chmod, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeNamedFolder } from '../disk/make-folder.ts'
import { CrosstrailError } from '../error.ts'

export interface LabDescription {
  readonly stsEndpoint: string
  readonly s3Endpoint: string
  readonly cloudTrailEndpoint: string
  readonly sqsEndpoint: string
  readonly metadataEndpoint: string
  readonly bucket: string
  readonly region: string
  readonly owner: string
  readonly organization?: string | undefined
  readonly accounts: readonly LabAccount[]
}

/** An account that reads from the lab's bucket. Without keys, it gets its credentials from the metadata endpoint. */
export interface LabAccount {
  readonly label: string
  readonly id: string
  readonly role: string
  readonly via?: readonly string[] | undefined
  readonly externalId?: string | undefined
  readonly reads: 'own' | 'all'
  /** Default: list and download. */
  readonly allow?: readonly string[] | undefined
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined
}

const marker = '# written by crosstrail lab'

/**
 * Writes a config, profiles and a file of variables to source, all 0600. Creates the folder, 0700, if it does not exist.
 *
 * Returns the variables. Throws `usage.folder-in-use` if a file exists that no lab wrote.
 */
export async function writeLabFolder(dir: string, lab: LabDescription): Promise<Readonly<Record<string, string>>> {
  const environment = {
    CROSSTRAIL_CONFIG: join(dir, 'crosstrail.yaml'),
    AWS_CONFIG_FILE: join(dir, 'aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(dir, 'aws-credentials'),
    AWS_ENDPOINT_URL_S3: lab.s3Endpoint,
    AWS_ENDPOINT_URL_STS: lab.stsEndpoint,
    AWS_ENDPOINT_URL_CLOUDTRAIL: lab.cloudTrailEndpoint,
    AWS_ENDPOINT_URL_SQS: lab.sqsEndpoint,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: lab.metadataEndpoint,
  }
  const files = {
    'crosstrail.yaml': labConfig(lab),
    'aws-config': lab.accounts
      .filter(({ keys }) => keys !== undefined)
      .map((account) => profile(account, lab))
      .join('\n'),
    'aws-credentials': lab.accounts.flatMap(credentials).join('\n'),
    'lab.env': Object.entries(environment)
      .map(([name, value]) => `export ${name}=${shellQuoted(value)}`)
      .join('\n'),
  }
  makeNamedFolder(dir)
  for (const name of Object.keys(files)) await refuseForeign(join(dir, name))
  for (const [name, text] of Object.entries(files)) await writePrivate(join(dir, name), `${marker}\n${text}\n`)
  return environment
}

/** The profile of an account in the files of the AWS tools. */
export function labProfile(label: string): string {
  return `crosstrail-lab-${label.toLowerCase()}`
}

function labConfig({ bucket, owner, region, organization, accounts }: LabDescription): string {
  return [
    'trail:',
    `  bucket: ${bucket}`,
    `  owner: "${owner}"`,
    `  region: ${region}`,
    ...(organization === undefined ? [] : [`  organization: ${organization}`]),
    'accounts:',
    ...accounts.flatMap(({ label, id, role, via, externalId, reads, keys, allow = ['list', 'download'] }) => [
      `  ${label}:`,
      `    id: "${id}"`,
      ...(via === undefined ? [] : [`    via: [${via.map((arn) => `"${arn}"`).join(', ')}]`]),
      `    role: ${role}`,
      `    credentials: ${keys === undefined ? '{ ec2: true }' : `{ profile: ${labProfile(label)} }`}`,
      ...(externalId === undefined ? [] : [`    externalId: ${externalId}`]),
      `    reads: ${reads}`,
      `    allow: [${allow.join(', ')}]`,
    ]),
  ].join('\n')
}

function profile({ label }: LabAccount, { region }: LabDescription): string {
  return `[profile ${labProfile(label)}]\nregion = ${region}`
}

function credentials({ label, keys }: LabAccount): string[] {
  if (keys === undefined) return []
  return [
    `[${labProfile(label)}]`,
    `aws_access_key_id = ${keys.accessKeyId}`,
    `aws_secret_access_key = ${keys.secretAccessKey}`,
  ]
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

async function refuseForeign(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return marker
    throw error
  })
  if (text.startsWith(marker)) return
  throw new CrosstrailError('usage.folder-in-use', `${file} already exists and was not written by a lab`, {
    hint: 'give the lab an empty folder with --dir, or remove --dir',
    facts: { file },
  })
}

async function writePrivate(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o600)
  try {
    await handle.writeFile(text)
  } finally {
    await handle.close()
  }
  // A file that existed before keeps its mode when it is opened
  await chmod(file, 0o600)
}
