import { readFile } from 'node:fs/promises'

import { CrosstrailError } from '../error.ts'
import { rememberKey } from '../secrets/masked-text.ts'
import { chainLinkOf } from './chain-link.ts'
import { containerKeys } from './container-source.ts'
import { findMetadataFault } from './metadata-fault.ts'
import { processKeys } from './process-source.ts'
import { loginProfile, refuseDroppedRole } from './profile-source.ts'
import { rememberedCode, rememberedKeys, type SigningKeys } from './signing-keys.ts'
import type { SessionSource } from './session-account.ts'
import { rememberSent } from './sent-secrets.ts'
import { inOwnNames, nameForSdk } from './shared-file-text.ts'
import { loadSharedProfiles, withSharedFiles } from './shared-files.ts'
import { type SentBySource, explainSourceError, sourceExpired } from './source-error.ts'

const metadataTimeoutMs = 1_000
const metadataRetries = 2

export interface SourceOptions {
  readonly account: string
  /** The STS region for profiles and tokens that name none. */
  readonly region: string
  readonly sessionName: string
  /** The session policy, as JSON, for the role of a web identity token. */
  readonly policy?: string | undefined
  readonly endpoint?: string | undefined
  readonly useFipsEndpoint?: boolean | undefined
  readonly useDualstackEndpoint?: boolean | undefined
  readonly requestHandler?: unknown
  readonly signal?: AbortSignal | undefined
  /** For profiles with an `mfa_serial`. */
  readonly mfaCode: (serial: string) => Promise<string>
  readonly onWarning?: ((message: string) => void) | undefined
  readonly now?: (() => number) | undefined
}

/** Reads a credential source again at each call, without a cache. Throws `access.no-credentials` or a more specific code. Never returns expired keys. */
export function sourceKeys(source: SessionSource, options: SourceOptions): () => Promise<SigningKeys> {
  return async () => {
    const sent: SentBySource = {}
    const mfaCode = async (serial: string): Promise<string> => {
      sent.mfaSerial = serial
      return rememberedCode(await options.mfaCode(serial))
    }
    try {
      const keys = rememberedKeys(await freshKeys(source, { ...options, mfaCode }, sent))
      if (keys.expiresAtMs !== undefined && keys.expiresAtMs <= (options.now ?? Date.now)())
        throw sourceExpired(source, options.account)
      return keys
    } catch (error) {
      const untold = source.type === 'ec2' && !(error instanceof CrosstrailError)
      const fault = untold ? await findMetadataFault(options.account) : undefined
      throw fault ?? explainSourceError(error, source, options.account, sent)
    }
  }
}

function freshKeys(source: SessionSource, options: SourceOptions, sent: SentBySource): Promise<SigningKeys> {
  if (source.type === 'process') return processKeys(source.command, options.account, options.signal)
  return source.type === 'ecs' ? containerKeys(options.account) : sdkKeys(source, options, sent)
}

type SdkSource = Exclude<SessionSource, { readonly type: 'process' | 'ecs' }>

async function sdkKeys(source: SdkSource, options: SourceOptions, sent: SentBySource): Promise<SigningKeys> {
  const provided = await fromSharedFiles(source, sent, async () => (await sdkProvider(source, options, sent))())
  const { accessKeyId, secretAccessKey, sessionToken, expiration, $source = {} } = provided
  const foundBy = source.type === 'chain' ? chainLinkOf(Object.keys($source)) : undefined
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken,
    expiresAtMs: expiration?.getTime(),
    ...(foundBy !== undefined && { foundBy }),
  }
}

/** Runs a source that may read profiles, so that the SDK finds the same profiles as the AWS CLI. */
async function fromSharedFiles<T>(source: SdkSource, sent: SentBySource, ask: () => Promise<T>): Promise<T> {
  const profile = profileOf(source)
  if (profile === undefined) return ask()
  const profiles = await loadSharedProfiles()
  if (source.type !== 'chain') refuseDroppedRole(profile, profiles)
  sent.loginProfile = loginProfile(profile, profiles)
  try {
    return await withSharedFiles(ask)
  } catch (error) {
    if (error instanceof Error && !(error instanceof CrosstrailError)) error.message = inOwnNames(error.message)
    throw error
  }
}

function profileOf(source: SdkSource): string | undefined {
  if ('profile' in source) return source.profile
  return source.type === 'chain' ? process.env['AWS_PROFILE'] || 'default' : undefined
}

type Provider = () => Promise<{
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
  /** The features by which the SDK's providers say who gave the keys. */
  readonly $source?: object
}>

async function sdkProvider(source: SdkSource, options: SourceOptions, sent: SentBySource): Promise<Provider> {
  const sdk = await import('@aws-sdk/credential-providers')
  const logger = quietLogger(options.onWarning)
  const metadata = { timeout: metadataTimeoutMs, maxRetries: metadataRetries }
  // A region in clientConfig would override the region of an SSO session. In parentClientConfig it is only a fallback.
  const clients = {
    parentClientConfig: { region: options.region },
    clientConfig: handlerOf(options, sent),
    mfaCodeProvider: options.mfaCode,
    ignoreCache: true,
    logger,
  }
  switch (source.type) {
    case 'chain':
      return sdk.fromNodeProviderChain({ ...clients, ...metadata, ...chainProfile(), ec2MetadataV1Disabled: true })
    case 'env':
      return sdk.fromEnv({ logger })
    case 'profile':
      return sdk.fromIni({ ...clients, profile: nameForSdk(source.profile) })
    case 'sso':
      return sdk.fromSSO({ ...clients, profile: nameForSdk(source.profile) })
    case 'ec2':
      return sdk.fromInstanceMetadata({ ...metadata, ec2MetadataV1Disabled: true, logger })
    case 'webIdentity': {
      const webIdentityToken = (await readFile(source.tokenFile, 'utf8')).trim()
      rememberKey(webIdentityToken)
      return sdk.fromWebToken({
        webIdentityToken,
        roleArn: source.role,
        roleSessionName: options.sessionName,
        clientConfig: { ...handlerOf(options, sent), ...stsOf(options) },
        logger,
        ...(options.policy !== undefined && { policy: options.policy }),
      })
    }
  }
}

/** The profile of the environment, if the SDK knows it by another name. */
function chainProfile(): { profile?: string } {
  const named = process.env['AWS_PROFILE']
  return named === undefined || nameForSdk(named) === named ? {} : { profile: nameForSdk(named) }
}

/** Wraps the given handler: it remembers the secrets that it sends, and the error of the last call that did not reach the server. */
function handlerOf({ requestHandler }: SourceOptions, sent: SentBySource): { requestHandler?: never } {
  if (!isHandler(requestHandler)) return {}
  const handle = async (...call: readonly unknown[]): Promise<unknown> => {
    sent.network = undefined
    rememberSent(call[0])
    try {
      return await requestHandler.handle(...call)
    } catch (error) {
      if (error instanceof CrosstrailError && error.code.startsWith('network.')) sent.network = error
      throw error
    }
  }
  return { requestHandler: Object.assign(Object.create(requestHandler), { handle }) as never }
}

interface Handler {
  handle(...call: readonly unknown[]): Promise<unknown>
}

function isHandler(value: unknown): value is Handler {
  return typeof value === 'object' && value !== null && 'handle' in value && typeof value.handle === 'function'
}

function stsOf({ region, endpoint, useFipsEndpoint, useDualstackEndpoint }: SourceOptions): {
  region: string
  endpoint?: string
  useFipsEndpoint?: boolean
  useDualstackEndpoint?: boolean
} {
  return {
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(useFipsEndpoint !== undefined && { useFipsEndpoint }),
    ...(useDualstackEndpoint !== undefined && { useDualstackEndpoint }),
  }
}

/** Without a logger the SDK writes its warnings to the console. */
function quietLogger(onWarning: ((message: string) => void) | undefined) {
  const drop = (): void => undefined
  return { debug: drop, info: drop, error: drop, warn: (message: unknown) => onWarning?.(String(message)) }
}
