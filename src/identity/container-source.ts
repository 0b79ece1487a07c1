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
/** The address of the ECS agent, which a relative URI refers to. */
const ecsAddress = 'http://169.254.170.2'
/** The hosts that are called without TLS, as in AWS's SDKs: loopback, the ECS agent and the EKS agent. */
const plainHost = /^(127(\.\d{1,3}){3}|localhost|\[::1\]|169\.254\.170\.2|169\.254\.170\.23|\[fd00:ec2::23\])$/

/**
 * Returns the keys of the role of this ECS task or EKS pod, from the endpoint that the environment names. The token file is read at each
 * call. The SDK's own provider is not used, because it waits forever if the endpoint accepts the connection and does not answer.
 * Throws `access.no-credentials` outside of a container, else `access.container-…`. No part of an answer is shown.
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
      'run it in an ECS task that has a task role, or in an EKS pod that has a pod identity: one of the two is set there',
    )
  }
  const address = relative ? `${ecsAddress}${relative}` : (full ?? '')
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && plainHost.test(url.hostname))) return url
  throw noCredentials(
    account,
    'AWS_CONTAINER_CREDENTIALS_FULL_URI is an address that no token may be sent to',
    'use https, or http on loopback, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]',
  )
}

async function authorization(account: string): Promise<Record<string, string>> {
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file, AWS_CONTAINER_AUTHORIZATION_TOKEN: given } = process.env
  const token = (file ? await readTokenFile(file, account) : (given ?? '')).trim()
  rememberKey(token)
  if (/[^\t\u0020-\u007e]/.test(token))
    throw badToken(account, 'it contains a line break or a character that HTTP headers do not allow')
  return token === '' ? {} : { authorization: token }
}

async function readTokenFile(file: string, account: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw badToken(account, `${file}: ${error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'}`)
  }
}

/** Calls again if the agent is starting or busy. A refusal is not repeated. */
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
      'the answer is not that of a container credentials endpoint',
      'check what runs at the address in AWS_CONTAINER_CREDENTIALS_FULL_URI',
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
    hint: 'check that this user can read the file named by AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, and that the file contains one line',
    facts: factsOf(account),
  })
}

function unreachable(account: string, reason: string): CrosstrailError {
  const message = `the container credentials endpoint did not answer account ${account} (${reason})`
  return new CrosstrailError('access.container-unreachable', message, {
    hint: 'unset AWS_CONTAINER_CREDENTIALS_RELATIVE_URI unless this is an ECS task, and AWS_CONTAINER_CREDENTIALS_FULL_URI if its address does not exist here; on EKS check the pod identity agent',
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
    return 'it did not accept the authorization token: on EKS check the pod identity association and the file named by AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, elsewhere check AWS_CONTAINER_AUTHORIZATION_TOKEN'
  }
  if (status < 500 && status !== 429) {
    return 'it has no credentials at that path: check that the task has a task role, and that AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is the one of this task'
  }
  return 'run it again; if it fails again, check that the task role exists and trusts ecs-tasks.amazonaws.com (on EKS: pods.eks.amazonaws.com)'
}
