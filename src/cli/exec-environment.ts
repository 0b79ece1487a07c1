import type { SigningKeys } from '../identity/signing-keys.ts'
import type { Environment } from '../config/environment.ts'
import type { ContainerEndpoint } from './credentials-server.ts'
import { seekingVariable } from '../verbs/creds/handed-session.ts'
import { credentialVariables } from './render/credential-lines.ts'

const accountVariable = 'CROSSTRAIL_ACCOUNT'

export interface ExecSession {
  readonly account: string
  readonly region: string
  readonly credentials: SigningKeys | ContainerEndpoint
}

/** Variables that would make an AWS tool use other credentials, or describe other ones, and crosstrail's own. */
const conflicting: ReadonlySet<string> = new Set([
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_ACCOUNT_ID',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CREDENTIAL_EXPIRATION',
  'AWS_CREDENTIAL_FILE',
  'AWS_CREDENTIAL_PROFILES_FILE',
  'AWS_CREDENTIAL_SCOPE',
  'AWS_DEFAULT_PROFILE',
  'AWS_PROFILE',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SECRET_KEY',
  'AWS_SECURITY_TOKEN',
  'AWS_SESSION_EXPIRATION',
  'AWS_SESSION_TOKEN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'CROSSTRAIL_MFA_CODE',
  seekingVariable,
])

/**
 * Returns crosstrail's environment without the variables of other credentials, and with those of the session. If an endpoint serves the
 * credentials, the files of the AWS tools are hidden: a default profile in them would take precedence.
 */
export function execEnvironment(
  env: Environment,
  { account, region, credentials }: ExecSession,
  platform: NodeJS.Platform = process.platform,
): Environment {
  const nameOf = (name: string) => (platform === 'win32' ? name.toUpperCase() : name)
  const kept = Object.entries(env).filter(([name]) => !conflicting.has(nameOf(name)))
  return {
    ...Object.fromEntries(kept),
    ...('url' in credentials ? endpointVariables(credentials) : credentialVariables(credentials)),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    [accountVariable]: account,
  }
}

function endpointVariables({ url, token }: ContainerEndpoint): Environment {
  return {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
    AWS_CONFIG_FILE: nowhere,
    AWS_SHARED_CREDENTIALS_FILE: nowhere,
  }
}

const nowhere = process.platform === 'win32' ? 'NUL' : '/dev/null'
