import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

import { CrosstrailError } from '../error.ts'
import { rememberKey } from '../secrets/masked-text.ts'
import { callLocally, type LocalAnswer, type LocalSilence } from './local-http.ts'
import { filledText, parseObject } from './parse-object.ts'
import type { SigningKeys } from './signing-keys.ts'

const timeoutMs = 2_000
const attempts = 3
const pauseMs = 500
/** Where ECS answers a relative URI. */
const ecsAddress = 'http://169.254.170.2'
/** The hosts that are asked without TLS, as AWS's SDKs have them: loopback, the agent of ECS, that of EKS. */
const plainHost = /^(127(\.\d{1,3}){3}|localhost|\[::1\]|169\.254\.170\.2|169\.254\.170\.23|\[fd00:ec2::23\])$/

/**
 * The keys of this ECS task's or EKS pod's role, from the endpoint that its environment names. The token file is read at each call. Of
 * our own, for the SDK's waits for ever where the endpoint takes the connection and does not answer.
 * Throws `access.no-credentials` outside of a container, else `access.container-…`. Nothing of an answer is shown.
 */
export async function containerKeys(account: string): Promise<SigningKeys> {
  const url = endpointOf(account)
  const headers = await authorization(account)
  const answer = await askedAgain(url, headers)
  if (!('status' in answer)) throw unreachable(account, answer.reason)
  if (answer.status !== 200) throw refused(account, answer.status)
  return readKeys(answer.body, account)
}

function endpointOf(account: string): URL {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative, AWS_CONTAINER_CREDENTIALS_FULL_URI: full } = process.env
  if (!relative && !full) {
    throw noCredentials(
      account,
      'neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set',
      'run it in an ECS task that has a task role, or an EKS pod with a pod identity: one of the two is then set',
    )
  }
  const address = relative ? `${ecsAddress}${relative}` : (full ?? '')
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && plainHost.test(url.hostname))) return url
  throw noCredentials(
    account,
    'AWS_CONTAINER_CREDENTIALS_FULL_URI is not an address that a token may go to',
    'it must be https, or http on loopback, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]',
  )
}

async function authorization(account: string): Promise<Record<string, string>> {
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file, AWS_CONTAINER_AUTHORIZATION_TOKEN: given } = process.env
  const token = (file ? await readTokenFile(file, account) : (given ?? '')).trim()
  rememberKey(token)
  if (/[^\t\u0020-\u007e]/.test(token)) throw badToken(account, 'it holds a line break, or what no header may hold')
  return token === '' ? {} : { authorization: token }
}

async function readTokenFile(file: string, account: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw badToken(account, `${file}: ${error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'}`)
  }
}

/** Agents that are starting or busy fail for a moment; a refusal stays one. */
async function askedAgain(url: URL, headers: Readonly<Record<string, string>>): Promise<LocalAnswer | LocalSilence> {
  for (let attempt = 1; ; attempt++) {
    const answer = await callLocally(url, { method: 'GET', headers, timeoutMs })
    const passing = !('status' in answer) || answer.status >= 500 || answer.status === 429
    if (!passing || attempt === attempts) return answer
    await sleep(pauseMs)
  }
}

function readKeys(body: string, account: string): SigningKeys {
  const answer = parseObject(body) ?? {}
  const accessKeyId = filledText(answer['AccessKeyId'])
  const secretAccessKey = filledText(answer['SecretAccessKey'])
  const sessionToken = filledText(answer['Token'])
  const expiresAtMs = Date.parse(String(answer['Expiration']))
  if (!accessKeyId || !secretAccessKey || !sessionToken || Number.isNaN(expiresAtMs)) {
    throw noCredentials(
      account,
      'its answer is not that of a container credentials endpoint',
      'see what answers under AWS_CONTAINER_CREDENTIALS_FULL_URI',
    )
  }
  return { accessKeyId, secretAccessKey, sessionToken, expiresAtMs }
}

function factsOf(account: string) {
  return { account, source: 'ecs' }
}

function noCredentials(account: string, why: string, hint: string): CrosstrailError {
  const message = `no credentials for account ${account}: tried the container credentials endpoint: ${why}`
  return new CrosstrailError('access.no-credentials', message, { hint, facts: factsOf(account) })
}

function badToken(account: string, why: string): CrosstrailError {
  const message = `the authorization token of the container credentials endpoint cannot be used for account ${account} (${why})`
  return new CrosstrailError('access.container-token', message, {
    hint: 'check the file that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names: that this user can read it, and that it holds one line',
    facts: factsOf(account),
  })
}

function unreachable(account: string, reason: string): CrosstrailError {
  const message = `the container credentials endpoint does not answer account ${account} (${reason})`
  return new CrosstrailError('access.container-unreachable', message, {
    hint: 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI counts inside an ECS task alone, AWS_CONTAINER_CREDENTIALS_FULL_URI where that address answers: unset what was left over from elsewhere; on EKS look at the pod identity agent',
    facts: factsOf(account),
  })
}

function refused(account: string, status: number): CrosstrailError {
  const message = `the container credentials endpoint answered account ${account} with ${status}`
  return new CrosstrailError('access.container-refused', message, {
    hint: statusHint(status),
    facts: { ...factsOf(account), status },
  })
}

function statusHint(status: number): string {
  if (status === 401 || status === 403) {
    return 'it does not take the authorization token: on EKS look at the pod identity association and the file that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names, else at AWS_CONTAINER_AUTHORIZATION_TOKEN'
  }
  if (status < 500 && status !== 429) {
    return 'it has no credentials under that path: does the task have a task role, and is AWS_CONTAINER_CREDENTIALS_RELATIVE_URI the one of this task'
  }
  return 'run it again; if it stays, the task role may not exist or not trust ecs-tasks.amazonaws.com (on EKS: pods.eks.amazonaws.com)'
}
