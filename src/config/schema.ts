import * as z from 'zod'

import type { AccountId } from '../trail/account-id.ts'
import { parseRoleArn } from '../trail/arn.ts'
import { isOrganizationId } from '../trail/organization-id.ts'
import { isRegion } from '../trail/region.ts'
import type { Verb } from './config.ts'
import { durationSeconds } from './duration.ts'
import { labelPattern, tagNamePattern } from './names.ts'
import { queueUrlExpected, queueUrlPattern } from './queue-url.ts'

// Every `error` below is what was expected. `schema-findings.ts` makes findings of them.

/** Text of one shape. The JSON Schema has `pattern`. If `check` is given, it decides here. */
function text(expected: string, pattern: RegExp, check?: (text: string) => boolean): z.ZodType<string, string> {
  const base = z.string({ error: expected })
  if (check === undefined) return base.regex(pattern, { error: expected })
  return base.refine(check, { error: expected }).meta({ pattern: pattern.source })
}

/** A mapping with these keys only. For an unknown key, its `error` lists the known keys. */
function mapping<Shape extends z.core.$ZodLooseShape>(expected: string, shape: Shape) {
  const known = Object.keys(shape).join(', ')
  return z.strictObject(shape, { error: ({ code }) => (code === 'unrecognized_keys' ? known : expected) })
}

const accountId = text('a 12-digit account id in quotes, such as "111111111111"', /^\d{12}$/) as z.ZodType<
  AccountId,
  string
>

const roleArn = text(
  'the ARN of a role, such as arn:aws:iam::111111111111:role/Name',
  /^arn:aws[\w-]*:iam::\d{12}:role\/.+$/,
  (arn) => parseRoleArn(arn) !== undefined,
)

const region = text('a region, such as us-east-1', /^[a-z]{2,4}(-[a-z]+)+-\d+$/, isRegion)

// Limits of STS, by the reference of AssumeRole.
const externalId = text('2 to 1,224 of letters, digits and _+=,.@:/-', /^[\w+=,.@:/-]{2,1224}$/)
const sessionName = text('2 to 64 of letters, digits and _+=,.@-', /^[\w+=,.@-]{2,64}$/)
const mfaDevice = text(
  'the ARN or serial number of an MFA device: 9 to 256 of letters, digits and _+=/:,.@-',
  /^[\w+=/:,.@-]{9,256}$/,
)

const durationExpected = 'seconds from 900 to 43200, as a number or like 1h or 900s'
const durationAllowed = (duration: string | number): boolean => {
  const seconds = durationSeconds(duration)
  return seconds !== undefined && Number.isInteger(seconds) && seconds >= 900 && seconds <= 43_200
}
const duration = z.union(
  [
    z.int({ error: durationExpected }).min(900, { error: durationExpected }).max(43_200, { error: durationExpected }),
    text(durationExpected, /^\s*(\d+[wdhms]?)+\s*$/, durationAllowed),
  ],
  { error: durationExpected },
)

const credentialsExpected =
  'one of { env: true }, { profile: name }, { sso: name }, { ec2: true }, { ecs: true }, { webIdentity: … }, { process: command }, { chain: true }'
const yes = z.literal(true, { error: 'true, or leave the line out' })
const someText = (expected: string) => text(expected, /\S/)

const credentials = mapping(credentialsExpected, {
  chain: yes
    .optional()
    .describe("The default chain of AWS's SDK: environment, profile, web identity, container, instance"),
  env: yes.optional().describe('AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN'),
  profile: someText('the name of a profile').optional().describe('A profile of ~/.aws/config or ~/.aws/credentials'),
  sso: someText('the name of a profile').optional().describe('A profile that signs in with IAM Identity Center'),
  ec2: yes.optional().describe("The role of this EC2 instance's profile (IMDSv2)"),
  ecs: yes.optional().describe('The role of this ECS task or EKS pod'),
  webIdentity: mapping('a mapping with tokenFile and role', {
    tokenFile: someText("a file's path").describe(
      "The file with the token. A relative path starts at the config file's folder",
    ),
    role: roleArn.describe('The role to assume with the token'),
  })
    .optional()
    .describe('A token of an OpenID Connect provider, such as Kubernetes or a CI system'),
  process: someText('a command').optional().describe('A command that prints credentials, as credential_process does'),
}).meta({ minProperties: 1, maxProperties: 1 })

const hop = z.union(
  [
    roleArn,
    mapping('the ARN of a role, or a mapping with role', {
      role: roleArn.describe('The role to assume'),
      externalId: externalId.optional().describe('The external ID that its trust policy requires'),
      sessionName: sessionName.optional().describe("The session's name in its logs. Default: the account's"),
      duration: duration.optional().describe('How long its session lasts'),
    }),
  ],
  { error: 'the ARN of a role, or a mapping with role' },
)

const tagExpected = '0 to 256 letters, digits, spaces and _.:/=+-@'
const tags = z
  .record(z.string(), text(tagExpected, /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u), {
    error: 'a mapping of names to texts',
  })
  .meta({ maxProperties: 50, propertyNames: { pattern: tagNamePattern.source } })

/** The pattern is for editors. `checkAgreement` says what is wrong with a URL. */
const queueUrl = z.string({ error: queueUrlExpected }).meta({ pattern: queueUrlPattern.source })
const queueExpected = 'the URL of a queue, or a mapping with url and region'
const queue = z.union(
  [
    queueUrl,
    mapping(queueExpected, {
      url: queueUrl.describe('The URL of the queue'),
      region: region.optional().describe('The region of the queue. Default: the one that the URL names'),
    }),
  ],
  { error: queueExpected },
)

const verbs = ['list', 'download', 'copy', 'delete', 'verify'] as const satisfies readonly Verb[]
const readsExpected = 'own, all, or a list of account ids in quotes'
const allowExpected = 'a list of list, download, copy, delete, verify'

const account = mapping("a mapping with the account's id and role", {
  id: accountId.describe('The 12-digit id of the account, in quotes'),
  role: roleArn.describe('The role to assume, usually one in the account that owns the bucket'),
  credentials: credentials
    .optional()
    .describe('The credentials to start with, before any role. Default: { chain: true }'),
  via: z.array(hop, { error: 'a list of roles' }).optional().describe('Roles to assume before the role, in order'),
  externalId: externalId
    .optional()
    .describe("The external ID that the role's trust policy requires. Best written as ${env:NAME}"),
  sessionName: sessionName.optional().describe("The session's name in CloudTrail. Default: crosstrail- and the label"),
  duration: duration
    .optional()
    .describe(
      'How long a session lasts: 900 to 43200 seconds, at most 3600 if another role assumes the role. Default: 1h',
    ),
  mfa: mfaDevice.optional().describe('The MFA device, if the role requires MFA'),
  mfaProcess: someText('a command')
    .optional()
    .describe(
      'A command that prints the six digits the device shows now. Default: --mfa-code, or a prompt in the terminal',
    ),
  sourceIdentity: sessionName.optional().describe('The source identity of the session'),
  tags: tags.optional().describe('Session tags'),
  reads: z
    .union(
      [
        z.enum(['own', 'all'], { error: readsExpected }),
        z.array(accountId, { error: readsExpected }).min(1, { error: readsExpected }),
      ],
      { error: readsExpected },
    )
    .optional()
    .describe('Whose logs: own, all, or a list of account ids. Default: own'),
  allow: z
    .array(z.enum(verbs, { error: 'list, download, copy, delete or verify' }), { error: allowExpected })
    .min(1, { error: allowExpected })
    .optional()
    .describe('The verbs that this account may use. Default: [list, download]'),
  sqs: queue.optional().describe("The queue that announces new logs to this account. Default: the trail's"),
  stsRegion: region.optional().describe("The region whose STS is called. Default: the trail's"),
})

const trail = mapping('a mapping with bucket, owner and region', {
  bucket: text(
    'the name of a bucket: 3 to 63 of a-z, 0-9, . and -',
    /^(?!\d+\.\d+\.\d+\.\d+$)(?!.*\.\.)[a-z\d][a-z\d.-]{1,61}[a-z\d]$/,
  ).describe('The bucket with the logs'),
  owner: accountId.describe('The 12-digit id of the account that owns the bucket, in quotes. Sent with every request'),
  region: region.describe('The region of the bucket'),
  prefix: z
    .string({ error: 'text; "" for none' })
    .max(1024, { error: 'at most 1,024 characters' })
    .optional()
    .describe("The trail's own key prefix: the part of the keys before AWSLogs/. Default: none"),
  organization: text('the id of an organization, such as o-exampleorgid', /^o-[a-z0-9]{10,32}$/, isOrganizationId)
    .optional()
    .describe('The id of the organization, for an organization trail'),
  requesterPays: z
    .boolean({ error: 'true or false' })
    .optional()
    .describe('Whether you pay for the requests. Default: false'),
  sqs: queue.optional().describe('The queue that announces new logs, for all accounts without one of their own'),
})

const accountsExpected = 'a mapping of labels to accounts'

const configFile = mapping('a mapping with trail and accounts', {
  $schema: z.string({ error: 'the address of a JSON Schema' }).optional().describe('The JSON Schema, for editors'),
  trail: trail.describe('The trail, and the bucket with its logs'),
  accounts: z
    .record(z.string(), account, { error: accountsExpected })
    .meta({ minProperties: 1, propertyNames: { pattern: labelPattern.source } })
    .describe('The accounts that read the logs, by label'),
})

export type ConfigFile = z.infer<typeof configFile>
export type AccountFile = z.infer<typeof account>
export type HopFile = z.infer<typeof hop>
export type CredentialsFile = z.infer<typeof credentials>
export type QueueFile = z.infer<typeof queue>

/** A problem that zod found. Its message is what was expected. */
export type SchemaIssue = z.core.$ZodIssue

/** Returns the file, or all problems of single fields. `checkAgreement` checks how fields fit together. */
export function checkSchema(value: unknown): { file: ConfigFile } | { issues: readonly SchemaIssue[] } {
  const result = configFile.safeParse(value)
  return result.success ? { file: result.data } : { issues: result.error.issues }
}

export type JsonSchemaNode = Record<string, unknown>

/** Returns the JSON Schema (draft 2020-12) of the file. `adapt` may change each node in place. */
export function schemaAsJson(
  adapt: (node: JsonSchemaNode, path: readonly (string | number)[]) => void,
): JsonSchemaNode {
  return z.toJSONSchema(configFile, { io: 'input', override: ({ jsonSchema, path }) => adapt(jsonSchema, path) })
}
