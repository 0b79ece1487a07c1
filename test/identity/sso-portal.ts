import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

export interface PortalKeys {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string
  readonly expiresAtMs: number
}

/** IAM Identity Center on loopback: GetRoleCredentials of its portal and CreateToken of its OIDC service, by their HTTP API. */
export interface SsoPortal extends AsyncDisposable {
  readonly endpoint: string
  /** All calls with their status: `GetRoleCredentials 222222222222 Audit 200`, `CreateToken 200`. */
  readonly calls: string[]
  /** The access token that it accepts now. */
  accessToken: string
  /** The refresh token that it accepts once, for a new access token and a new refresh token. Undefined: none. */
  refreshToken: string | undefined
  /** The answer to GetRoleCredentials instead of keys. */
  refusal: { readonly status: number; readonly type: string; readonly message: string } | undefined
}

/** Starts the portal. It gives `keys()` for every role to a caller with the access token. */
export async function startSsoPortal(keys: () => PortalKeys | Promise<PortalKeys>): Promise<SsoPortal> {
  const server = createServer((incoming, outgoing) => {
    const respond = async (): Promise<void> => {
      const { call, status, type, body } = await answer(incoming)
      portal.calls.push(`${call} ${status}`)
      outgoing.writeHead(status, {
        'content-type': 'application/json',
        ...(type !== undefined && { 'x-amzn-errortype': type }),
      })
      outgoing.end(JSON.stringify(body))
    }
    respond().catch((error: unknown) => outgoing.destroy(error as Error))
  })

  const answer = async (incoming: IncomingMessage): Promise<Reply> => {
    const url = new URL(incoming.url ?? '/', 'http://portal')
    if (incoming.method === 'POST' && url.pathname === '/token') return createToken(JSON.parse(await text(incoming)))
    const call = `GetRoleCredentials ${url.searchParams.get('account_id')} ${url.searchParams.get('role_name')}`
    if (incoming.method !== 'GET' || url.pathname !== '/federation/credentials')
      throw new Error(`unknown: ${url.pathname}`)
    if (incoming.headers['x-amz-sso_bearer_token'] !== portal.accessToken) {
      return {
        call,
        status: 401,
        type: 'UnauthorizedException',
        body: { message: 'Session token not found or invalid' },
      }
    }
    const { refusal } = portal
    if (refusal !== undefined) return { call, ...refusal, body: { message: refusal.message } }
    const { expiresAtMs, ...given } = await keys()
    return { call, status: 200, body: { roleCredentials: { ...given, expiration: expiresAtMs } } }
  }

  const createToken = (asked: { readonly grantType?: string; readonly refreshToken?: string }): Reply => {
    const call = 'CreateToken'
    if (
      asked.grantType !== 'refresh_token' ||
      portal.refreshToken === undefined ||
      asked.refreshToken !== portal.refreshToken
    ) {
      return {
        call,
        status: 400,
        type: 'InvalidGrantException',
        body: { error: 'invalid_grant', error_description: 'no' },
      }
    }
    portal.accessToken = `${portal.accessToken}-renewed`
    portal.refreshToken = `${portal.refreshToken}-renewed`
    return {
      call,
      status: 200,
      body: {
        accessToken: portal.accessToken,
        refreshToken: portal.refreshToken,
        expiresIn: 3600,
        tokenType: 'Bearer',
      },
    }
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const portal: SsoPortal = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    accessToken: 'sso-access-token',
    refreshToken: 'sso-refresh-token',
    refusal: undefined,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return portal
}

interface Reply {
  readonly call: string
  readonly status: number
  readonly type?: string
  readonly body: unknown
}

/** Returns the lines of an SSO profile and its session, for the shared config file. */
export function ssoProfile(profile: string, session: string): string {
  return [
    `[profile ${profile}]`,
    `sso_session = ${session}`,
    'sso_account_id = 222222222222',
    'sso_role_name = Audit',
    `[sso-session ${session}]`,
    'sso_region = eu-west-1',
    'sso_start_url = https://example.awsapps.com/start',
    'sso_registration_scopes = sso:account:access',
    '',
  ].join('\n')
}

/** Writes to `home` what `aws sso login` writes there. */
export function signIn(
  home: string,
  session: string,
  portal: SsoPortal,
  token: { expiresInMs: number; renewable: boolean },
): void {
  mkdirSync(join(home, '.aws/sso/cache'), { recursive: true })
  const renewal = { clientId: 'client', clientSecret: 'sso-client-secret', refreshToken: portal.refreshToken }
  const cached = {
    startUrl: 'https://example.awsapps.com/start',
    region: 'eu-west-1',
    accessToken: portal.accessToken,
    expiresAt: new Date(Date.now() + token.expiresInMs).toISOString(),
    ...(token.renewable && renewal),
  }
  writeFileSync(cacheFile(home, session), JSON.stringify(cached), { mode: 0o600 })
}

/** Returns the access token in `home`. */
export function cachedToken(home: string, session: string): unknown {
  return (JSON.parse(readFileSync(cacheFile(home, session), 'utf8')) as { accessToken: unknown }).accessToken
}

function cacheFile(home: string, session: string): string {
  return join(home, '.aws/sso/cache', `${createHash('sha1').update(session).digest('hex')}.json`)
}
