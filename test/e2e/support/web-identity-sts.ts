import { type IncomingMessage, type RequestListener, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { PortalKeys } from '../../identity/sso-portal.ts'

/** A server before the lab's STS. It answers AssumeRoleWithWebIdentity if the token is `token()`, and passes everything else on. */
export function webIdentitySts(lab: string, token: () => string, keys: () => Promise<PortalKeys>): RequestListener {
  return (incoming, outgoing) => {
    const respond = async (): Promise<void> => {
      const body = await buffer(incoming)
      const form = new URLSearchParams(body.toString())
      if (form.get('Action') !== 'AssumeRoleWithWebIdentity') return passOn(lab, incoming, body, outgoing)
      const right = form.get('WebIdentityToken') === token()
      outgoing.writeHead(right ? 200 : 400, { 'content-type': 'text/xml' })
      outgoing.end(right ? granted(form, await keys()) : refused)
    }
    respond().catch((error: unknown) => outgoing.destroy(error as Error))
  }
}

type Outgoing = Parameters<RequestListener>[1]

/** Keeps the signed host. */
function passOn(lab: string, incoming: IncomingMessage, body: Buffer, outgoing: Outgoing): void {
  const { method = 'POST', url = '/', headers } = incoming
  const call = request(new URL(url, lab), { method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
    answer.pipe(outgoing)
  })
  call.on('error', (error) => outgoing.destroy(error))
  call.end(body)
}

function granted(form: URLSearchParams, keys: PortalKeys): string {
  const arn = `${form.get('RoleArn')?.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${form.get('RoleSessionName')}`
  return (
    '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>' +
    `<Credentials><AccessKeyId>${keys.accessKeyId}</AccessKeyId><SecretAccessKey>${keys.secretAccessKey}</SecretAccessKey>` +
    `<SessionToken>${keys.sessionToken}</SessionToken><Expiration>${new Date(keys.expiresAtMs).toISOString()}</Expiration></Credentials>` +
    `<AssumedRoleUser><AssumedRoleId>AROA:s</AssumedRoleId><Arn>${arn}</Arn></AssumedRoleUser>` +
    '</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>'
  )
}

const refused =
  '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>InvalidIdentityToken</Code>' +
  '<Message>the token is not the one</Message></Error></ErrorResponse>'
