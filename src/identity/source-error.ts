import { CrosstrailError } from '../error.ts'
import { cleanText } from './clean-text.ts'
import { explainLoginError, explainSsoError, loginCommand } from './sso-error.ts'
import { metadataService } from './metadata-fault.ts'
import { processHint } from './process-source.ts'
import { type Refusal, readRefusal } from './refusal.ts'
import { shellWord } from '../trail/shell-word.ts'
import type { SessionSource } from './session-account.ts'
import { explainStsError } from './sts-error.ts'

/** What a source sent before it failed. It is filled while the source works. */
export interface SentBySource {
  mfaSerial?: string
  /** Why its last call did not reach the server. Some of the SDK's providers drop that error. */
  network?: CrosstrailError | undefined
  loginProfile?: string | undefined
}

/**
 * Returns why a credential source gave no keys, as an error that says what was tried and what to do.
 * A message of the SDK's providers is shown only if it is known to contain no secret: others quote a command's output or a response.
 */
export function explainSourceError(
  thrown: unknown,
  source: SessionSource,
  account: string,
  sent: SentBySource = {},
): CrosstrailError {
  if (thrown instanceof CrosstrailError && !thrown.code.startsWith('network.')) return thrown
  // The SDK's SSO provider turns the error that it caught into text.
  const bySso = !(thrown instanceof CrosstrailError) && sent.network !== undefined
  const error = bySso ? sent.network : thrown
  const refusal = readRefusal(error)
  const tried = describeSource(source)
  const facts = { account, source: source.type }
  if (
    error instanceof CrosstrailError ||
    refusal.status !== undefined ||
    refusal.name === 'EndpointError' ||
    refusal.certificate ||
    (refusal.network && source.type !== 'ec2' && source.type !== 'ecs')
  ) {
    return explainStsError(error, {
      action: bySso ? 'GetRoleCredentials' : source.type === 'webIdentity' ? 'AssumeRoleWithWebIdentity' : 'AssumeRole',
      account,
      role: source.type === 'webIdentity' ? source.role : undefined,
      origin: tried,
      mfaSerial: sent.mfaSerial,
    })
  }
  const explained = explainSsoError(refusal, source, account, tried)
  if (explained !== undefined) return explained
  const login = explainLoginError(refusal, sent.loginProfile, source, account, tried)
  if (login !== undefined) return login
  if (/returned expired credentials/i.test(refusal.message)) return sourceExpired(source, account)
  if (/^Command failed|credential_process|\bexited with\b/i.test(refusal.message)) {
    const message = `the credential_process of account ${account} failed (${tried})`
    return new CrosstrailError('access.process-failed', message, {
      hint: processHint,
      facts,
    })
  }
  const message = `no credentials for account ${account}: tried ${tried}${reasonOf(refusal)}`
  return new CrosstrailError('access.no-credentials', message, {
    hint: hintFor(source),
    facts,
  })
}

/** The error for a source's keys that have expired, with what to do at that source. */
export function sourceExpired(source: SessionSource, account: string): CrosstrailError {
  const message = `the credentials of account ${account} have expired (${describeSource(source)})`
  return new CrosstrailError('access.source-expired', message, {
    hint: `${freshKeys(source)}; if they are fresh, check the clock of this machine`,
    facts: { account, source: source.type },
  })
}

function freshKeys(source: SessionSource): string {
  switch (source.type) {
    case 'env':
      return 'export fresh ones; a running program does not see changes of the environment, so for long runs use a source that renews its keys (profile, sso, process, ec2, ecs)'
    case 'sso':
      return `get fresh ones: ${loginCommand(source)}`
    case 'ec2':
      return 'the metadata service has not renewed them: check that the instance profile is still attached and that its role exists'
    case 'process':
      return 'the process printed expired keys: make it fetch fresh ones and print their Expiration'
    case 'chain':
    case 'profile':
    case 'ecs':
    case 'webIdentity':
      return 'get fresh ones at their source and run it again'
  }
}

function reasonOf(refusal: Refusal): string {
  return safeReasons.some((pattern) => pattern.test(refusal.message)) ? `: ${refusal.message}` : ''
}

/** The profile that the default chain reads from the shared files. The SDK does not say why the profile gave no keys. */
function chainProfile(): string {
  return cleanText(process.env['AWS_PROFILE'] || 'default')
}

const safeReasons = [
  /^Could not resolve credentials using profile/,
  /could not be found in shared credentials file/,
  /^Profile .* was not found/,
  /^Profile .* is not configured with SSO/,
  /^Profile is configured with invalid SSO credentials/,
  /^Sso session .* (could not be found|is missing required property)/,
  /^Detected a cycle/,
  /^Unsupported credential source/,
  /instance metadata service/i,
  /^Unable to find environment variable credentials/,
  /^Unable to refresh credentials due to insufficient permissions/,
  /^E(NOENT|ACCES|ISDIR)/,
]

export function describeSource(source: SessionSource): string {
  switch (source.type) {
    case 'chain':
      return `the SDK's default chain: environment, shared files (profile ${chainProfile()}), web identity, container, instance`
    case 'env':
      return 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment'
    case 'profile':
      return `the profile ${source.profile}`
    case 'sso':
      return `the SSO profile ${source.profile}`
    case 'ec2':
      return metadataService
    case 'ecs':
      return 'the container credentials endpoint'
    case 'webIdentity':
      return `the web identity token file ${source.tokenFile}`
    case 'process':
      return 'the credential process'
  }
}

function hintFor(source: SessionSource): string {
  switch (source.type) {
    case 'chain':
      return `set credentials of the account to a source; credentials: { profile: ${chainProfile()} } shows why that profile gives no keys; set AWS_PROFILE to use another profile`
    case 'env':
      return 'export both variables (and AWS_SESSION_TOKEN for temporary keys), or use another source'
    case 'profile':
    case 'sso':
      return `check that ~/.aws/config or ~/.aws/credentials (or the files in AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE) contains [${source.profile}]; to see what the AWS CLI finds: aws configure list --profile ${shellWord(source.profile)}`
    case 'ec2':
      return 'run it on an EC2 instance that has an instance profile; in a container raise the hop limit of the metadata service to 2; check AWS_EC2_METADATA_SERVICE_ENDPOINT and NO_PROXY if they are set'
    case 'ecs':
      return 'run it in an ECS task that has a task role, or in an EKS pod that has a pod identity: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI is set there'
    case 'webIdentity':
      return 'check the path of the token file and that this user can read it'
    case 'process':
      return 'run the command by hand and check what it prints'
  }
}
