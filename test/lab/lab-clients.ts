import { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import { S3Client } from '@aws-sdk/client-s3'
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts'
import { SQSClient } from '@aws-sdk/client-sqs'
import type { LabKeys } from '../../src/lab/iam.ts'
import type { Lab } from '../../src/lab/lab.ts'

type Keys = Pick<LabKeys, 'accessKeyId' | 'secretAccessKey'> & { sessionToken?: string | undefined }

export function s3As(lab: Lab, credentials: Keys, region = 'us-east-1'): S3Client {
  return new S3Client({
    endpoint: lab.endpoint,
    region,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: plain(credentials),
  })
}

export function stsAs(lab: Lab, credentials: Keys): STSClient {
  return new STSClient({ endpoint: lab.endpoint, region: 'us-east-1', maxAttempts: 1, credentials: plain(credentials) })
}

export function cloudTrailAs(lab: Lab, credentials: Keys, region = 'us-east-1'): CloudTrailClient {
  return new CloudTrailClient({ endpoint: lab.endpoint, region, maxAttempts: 1, credentials: plain(credentials) })
}

export async function assume(
  lab: Lab,
  credentials: Keys,
  input: Omit<AssumeRoleCommandInput, 'RoleSessionName'>,
): Promise<Keys> {
  const command = new AssumeRoleCommand({ RoleSessionName: 'test', ...input })
  const { Credentials: given } = await stsAs(lab, credentials).send(command)
  return {
    accessKeyId: given?.AccessKeyId ?? '',
    secretAccessKey: given?.SecretAccessKey ?? '',
    sessionToken: given?.SessionToken,
  }
}

/** Returns the status, code and message with which a call was refused. */
export async function refusal(call: Promise<unknown>): Promise<{ status?: number; code: string; message: string }> {
  try {
    await call
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } }
    return { status: $metadata?.httpStatusCode ?? 0, code: name, message }
  }
  throw new Error('the call was not refused')
}

function plain({ accessKeyId, secretAccessKey, sessionToken }: Keys): {
  accessKeyId: string
  secretAccessKey: string
  sessionToken?: string
} {
  return sessionToken === undefined ? { accessKeyId, secretAccessKey } : { accessKeyId, secretAccessKey, sessionToken }
}

export function sqsAs(lab: Lab, credentials: Keys, region = 'us-east-1'): SQSClient {
  return new SQSClient({ endpoint: lab.endpoint, region, maxAttempts: 1, credentials: plain(credentials) })
}
