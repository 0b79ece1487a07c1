import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface StsRequest {
  readonly params: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

export type StsAnswer =
  | { readonly accessKeyId: string; readonly expiresAtMs: number; readonly token?: string }
  | { readonly code: string; readonly message: string; readonly status?: number; readonly dateMs?: number }
  | { readonly body: string; readonly status: number }

export interface StandInSts extends AsyncDisposable {
  readonly endpoint: string
  readonly requests: StsRequest[]
}

/** Answers in STS's wire format with what `answer` returns. It checks nothing. */
export async function standInSts(answer: (request: StsRequest, index: number) => StsAnswer): Promise<StandInSts> {
  const requests: StsRequest[] = []
  const server = createServer((incoming, outgoing) => {
    const respond = async () => {
      const body = await text(incoming)
      const request = { params: Object.fromEntries(new URLSearchParams(body)), headers: incoming.headers }
      const told = answer(request, requests.push(request) - 1)
      const { status, headers, xml } = render(request, told)
      outgoing.writeHead(status, { 'content-type': 'text/xml', ...headers }).end(xml)
    }
    respond().catch((error: unknown) => outgoing.destroy(error as Error))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Grants every call, with numbered keys that last `seconds`. */
export function grant(seconds = 3600): (request: StsRequest, index: number) => StsAnswer {
  return (_, index) => ({ accessKeyId: `ASIAGRANTED${index + 1}`, expiresAtMs: Date.now() + seconds * 1000 })
}

function render(
  request: StsRequest,
  told: StsAnswer,
): { status: number; headers: Record<string, string>; xml: string } {
  if ('body' in told) return { status: told.status, headers: {}, xml: told.body }
  if ('code' in told) {
    const date = told.dateMs === undefined ? {} : { date: new Date(told.dateMs).toUTCString() }
    return {
      status: told.status ?? (told.code === 'ValidationError' ? 400 : 403),
      headers: date,
      xml: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${told.code}</Code><Message>${told.message}</Message></Error><RequestId>req-1</RequestId></ErrorResponse>`,
    }
  }
  const action = request.params['Action'] ?? ''
  const result =
    action === 'GetCallerIdentity'
      ? '<Arn>arn:aws:iam::222222222222:user/ana</Arn><UserId>AIDA1</UserId><Account>222222222222</Account>'
      : `<Credentials><AccessKeyId>${told.accessKeyId}</AccessKeyId><SecretAccessKey>secret-of-${told.accessKeyId}</SecretAccessKey>` +
        `<SessionToken>${told.token ?? `token-of-${told.accessKeyId}`}</SessionToken><Expiration>${new Date(told.expiresAtMs).toISOString()}</Expiration></Credentials>` +
        `<AssumedRoleUser><AssumedRoleId>AROA1:s</AssumedRoleId><Arn>${assumedArn(request)}</Arn></AssumedRoleUser><PackedPolicySize>12</PackedPolicySize>`
  return {
    status: 200,
    headers: {},
    xml: `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>req-1</RequestId></ResponseMetadata></${action}Response>`,
  }
}

function assumedArn({ params }: StsRequest): string {
  return `${(params['RoleArn'] ?? '').replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${params['RoleSessionName']}`
}
