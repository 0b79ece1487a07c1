import { CrosstrailError } from '../error.ts'
import { rememberKey } from '../secrets/masked-text.ts'
import { callLocally, type LocalAnswer, type LocalSilence } from './local-http.ts'

const timeoutMs = 1_000
const rolesPath = '/latest/meta-data/iam/security-credentials/'

/**
 * Returns why the EC2 metadata service gave no keys, or undefined if every step succeeds. The SDK reports every failure to get a token as
 * the same error, so this asks the service again, step by step.
 *
 * | step                | answer                          | code                           |
 * | ------------------- | ------------------------------- | ------------------------------ |
 * | PUT for a token     | no connection                   | `access.metadata-unreachable`  |
 * |                     | a connection, but no answer     | `access.metadata-hop-limit`    |
 * |                     | 403                             | `access.metadata-refused`      |
 * |                     | any status other than 200       | `access.metadata-no-token`     |
 * | GET of the role     | 404, or an empty body           | `access.metadata-no-role`      |
 * | GET of its keys     | a Code other than Success       | `access.metadata-role-refused` |
 */
export async function findMetadataFault(account: string): Promise<CrosstrailError | undefined> {
  const token = await ask('PUT', '/latest/api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': '60' })
  if (!('status' in token)) return silentAbout(token, account)
  if (token.status !== 200) return tokenRefused(token.status, account)
  rememberKey(token.body.trim())
  const headers = { 'x-aws-ec2-metadata-token': token.body.trim() }
  const role = await ask('GET', rolesPath, headers)
  if ('status' in role && (role.status === 404 || (role.status === 200 && role.body.trim() === '')))
    return noRole(account)
  if (!('status' in role) || role.status !== 200) return undefined
  const name = role.body.trim()
  const keys = await ask('GET', `${rolesPath}${encodeURIComponent(name)}`, headers)
  const code = 'status' in keys && keys.status === 200 ? /"Code"\s*:\s*"(\w+)"/.exec(keys.body)?.[1] : undefined
  return code === undefined || code === 'Success' ? undefined : roleRefused(code, account)
}

/** Chosen as by the SDK: from the environment, else the link-local address. */
function endpoint(): string {
  const { AWS_EC2_METADATA_SERVICE_ENDPOINT: given, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: mode } = process.env
  return given || (mode?.toLowerCase() === 'ipv6' ? 'http://[fd00:ec2::254]' : 'http://169.254.169.254')
}

async function ask(
  method: 'GET' | 'PUT',
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<LocalAnswer | LocalSilence> {
  if (!URL.canParse(path, endpoint())) return { connected: false, reason: 'no address' }
  return callLocally(new URL(path, endpoint()), { method, headers, timeoutMs })
}

export const metadataService = 'the EC2 instance metadata service (IMDSv2)'

function silentAbout({ connected, reason }: LocalSilence, account: string): CrosstrailError {
  if (connected) {
    const message = `${metadataService} accepted the token request of account ${account} but did not answer (${reason}): its hop limit is too low for a container`
    return new CrosstrailError('access.metadata-hop-limit', message, {
      hint: 'aws ec2 modify-instance-metadata-options --instance-id i-… --http-put-response-hop-limit 2; or give the container its own role: credentials: { ecs: true }',
      facts: { account, source: 'ec2' },
    })
  }
  const message = `${metadataService} cannot be reached for account ${account} at ${endpoint()} (${reason})`
  return new CrosstrailError('access.metadata-unreachable', message, {
    hint: 'run it on an EC2 instance; in a container allow its network to reach that address; check AWS_EC2_METADATA_SERVICE_ENDPOINT if it is set',
    facts: { account, source: 'ec2' },
  })
}

function tokenRefused(status: number, account: string): CrosstrailError {
  if (status === 403) {
    const message = `${metadataService} refused a token for account ${account} with 403: it is disabled for the instance, or a proxy forwarded the request`
    return new CrosstrailError('access.metadata-refused', message, {
      hint: 'aws ec2 modify-instance-metadata-options --instance-id i-… --http-endpoint enabled; send the request without a proxy',
      facts: { account, source: 'ec2', status },
    })
  }
  const message = `${metadataService} answered ${status} to the token request of account ${account}`
  return new CrosstrailError('access.metadata-no-token', message, {
    hint: 'it is not a metadata service, or it supports only IMDSv1, which crosstrail does not use; check AWS_EC2_METADATA_SERVICE_ENDPOINT if it is set',
    facts: { account, source: 'ec2', status },
  })
}

function noRole(account: string): CrosstrailError {
  const message = `this EC2 instance has no role for account ${account}: no instance profile is attached`
  return new CrosstrailError('access.metadata-no-role', message, {
    hint: 'aws ec2 associate-iam-instance-profile --instance-id i-… --iam-instance-profile Name=…',
    facts: { account, source: 'ec2', status: 404 },
  })
}

function roleRefused(code: string, account: string): CrosstrailError {
  const message = `EC2 could not assume the role of this instance's profile for account ${account} (${code})`
  return new CrosstrailError('access.metadata-role-refused', message, {
    hint: "the role's trust policy must let the service ec2.amazonaws.com assume it; if the policy is new or was changed, wait a few minutes",
    facts: { account, source: 'ec2', awsCode: code },
  })
}
