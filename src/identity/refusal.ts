import { cleanText } from './clean-text.ts'

/** What an SDK error says, read without trusting its shape and with secrets masked. */
export interface Refusal {
  /** AWS's error code without a trailing `Exception`, or else the name of the error. */
  readonly name: string
  readonly message: string
  /** The HTTP status of the answer; undefined if there was no answer. */
  readonly status?: number | undefined
  readonly requestId?: string | undefined
  /** `ECONNREFUSED` and the like. */
  readonly systemCode?: string | undefined
  readonly network: boolean
  readonly certificate: boolean
  /** This machine's clock minus the server's, if the answer carried a date. */
  readonly skewSeconds?: number | undefined
  /** A plain error to keep as a cause: the SDK's own error carries the request, including its keys. */
  readonly cause: Error
}

const certificateCode = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)_|ERR_TLS|ERR_SSL|HOSTNAME_MISMATCH/
const networkCode =
  /^(E(CONNREFUSED|CONNRESET|CONNABORTED|HOSTUNREACH|NETUNREACH|NOTFOUND|PIPE|PROTO|TIMEDOUT|AI_AGAIN|ADDRNOTAVAIL)|UND_ERR_\w+|TimeoutError)$/

export function readRefusal(error: unknown): Refusal {
  const shape = (typeof error === 'object' && error !== null ? error : {}) as SdkErrorShape
  const name = cleanText(textOf(shape.name) ?? 'Error').replace(/Exception$/, '')
  const message = saidBy(shape)
  const systemCode = systemCodeOf(shape)
  const answered = shape.$fault !== undefined || shape.$response !== undefined
  const requestId = textOf(shape.$metadata?.requestId)
  const cause = new Error(message)
  cause.name = name
  return {
    name,
    message,
    status: answered ? (shape.$metadata?.httpStatusCode ?? shape.$response?.statusCode) : undefined,
    requestId: requestId === undefined ? undefined : cleanText(requestId),
    systemCode,
    certificate: systemCode !== undefined && certificateCode.test(systemCode),
    network: networkCode.test(systemCode ?? name),
    skewSeconds: skewOf(shape.$response?.headers),
    cause,
  }
}

/**
 * STS quotes the value that it finds invalid and names its field, so a secret that is not known here is masked by its field. If the answer
 * is not from AWS, it may contain anything, and the parser's message is not shown.
 */
function saidBy(shape: SdkErrorShape): string {
  if (shape.$fault === undefined && shape.$response !== undefined) return 'the answer is not from AWS'
  const quoted = (textOf(shape.message) ?? '').replaceAll(
    /Value '.*?' at '(externalId|tokenCode|webIdentityToken)'/gis,
    "Value '****' at '$1'",
  )
  return cleanText(quoted).replace(/\.$/, '') || 'no reason given'
}

interface SdkErrorShape {
  readonly name?: unknown
  readonly message?: unknown
  readonly code?: unknown
  readonly errno?: unknown
  readonly cause?: unknown
  readonly errors?: unknown
  readonly $fault?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
  readonly $response?: { readonly statusCode?: number; readonly headers?: Readonly<Record<string, string>> }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The system's code is on the error, on its cause, or on the first attempt of several addresses. */
function systemCodeOf(shape: SdkErrorShape): string | undefined {
  const first = Array.isArray(shape.errors) ? (shape.errors as readonly unknown[])[0] : undefined
  return [shape, shape.cause, first]
    .map((candidate) => textOf((candidate as SdkErrorShape | null | undefined)?.code))
    .find((code) => code !== undefined && (certificateCode.test(code) || networkCode.test(code)))
}

function skewOf(headers: Readonly<Record<string, string>> | undefined): number | undefined {
  const serverMs = Date.parse(headers?.['date'] ?? '')
  return Number.isNaN(serverMs) ? undefined : Math.round((Date.now() - serverMs) / 1000)
}
