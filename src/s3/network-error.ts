import { CrosstrailError, type ErrorCode } from '../error.ts'
import { maskedForeignText } from '../secrets/masked-text.ts'

/** Explains why an exchange failed, by the code of the system's error. `origin` is an origin, or `the proxy http://host:port`. */
export function networkError(error: Error, origin: string): Error {
  if (error instanceof CrosstrailError) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const facts = { origin, reason: code || error.name }
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CrosstrailError('network.unknown-host', `the host of ${origin} cannot be found`, {
        hint: origin.startsWith('the proxy')
          ? checkProxy
          : 'check the region, the endpoint (AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3) and the name server',
        facts,
        cause: error,
      })
    case 'EMFILE':
    case 'ENFILE':
      return new CrosstrailError('network.too-many-open-files', `no connection to ${origin}: too many files are open`, {
        hint: 'raise the limit (ulimit -n), or lower --concurrency',
        facts,
        cause: error,
      })
    case 'endless-head':
    case 'endless-trailers':
    case 'endless-informational':
      return endless(`network.${code}`, origin, error)
    default:
      if (isUntrusted(code)) {
        return new CrosstrailError(
          'network.untrusted',
          `the certificate of ${origin} is not trusted: ${maskedForeignText(error.message)}`,
          {
            hint: 'if a proxy or a private store has its own certificate authority, set AWS_CA_BUNDLE to its file',
            facts,
            cause: error,
          },
        )
      }
      return new CrosstrailError(
        'network.broken',
        `the connection to ${origin} broke: ${maskedForeignText(error.message) || facts.reason}`,
        {
          hint: checkNetwork,
          facts,
          cause: error,
        },
      )
  }
}

function endless(code: ErrorCode, origin: string, cause: Error): CrosstrailError {
  return new CrosstrailError(code, `${origin} sent ${cause.message}, which S3 never does`, {
    hint: checkNetwork,
    facts: { origin },
    cause,
  })
}

export function stalled(origin: string): CrosstrailError {
  return new CrosstrailError('network.stalled', `${origin} stopped answering`, { facts: { origin } })
}

export function slowAnswer(origin: string, bodyBytes: number, seconds: number): CrosstrailError {
  const message = `${origin} sent only ${bodyBytes} bytes of an answer in ${Math.round(seconds)} seconds`
  return new CrosstrailError('network.slow-answer', message, {
    hint: 'check the network, or set a longer --timeout',
    facts: { origin, bodyBytes },
  })
}

/** `peer` is the origin or its proxy. */
export function connectTimeout(peer: string): CrosstrailError {
  return new CrosstrailError('network.connect-timeout', `${peer} could not be reached in time`, {
    hint: peer.startsWith('the proxy') ? checkProxy : checkNetwork,
    facts: { origin: peer },
  })
}

/** The error for a proxy that answered CONNECT without a tunnel. A server error may be temporary; a refusal is not. */
export function proxyRefused(proxy: string, target: string, status: number): CrosstrailError {
  const mayPass = status >= 500 || status === 408 || status === 429
  return new CrosstrailError(
    mayPass ? 'network.proxy-failed' : 'network.proxy-refused',
    `${proxy} refused a connection to ${target} with status ${status}`,
    {
      hint:
        status === 407
          ? 'the proxy requires a user name and a password: set HTTPS_PROXY to http://user:password@host:port'
          : `allow ${target} at the proxy, or add its host to NO_PROXY if it can be reached without the proxy`,
      facts: { proxy, target, status },
    },
  )
}

/** The error for a proxy that broke the rules of CONNECT. */
export function proxyFailed(proxy: string, target: string, how: string): CrosstrailError {
  return new CrosstrailError('network.proxy-failed', `${proxy} opened no connection to ${target}: ${how}`, {
    hint: checkProxy,
    facts: { proxy, target },
  })
}

export function shortAnswer(origin: string): CrosstrailError {
  return new CrosstrailError('network.short-answer', `${origin} sent less than it announced`, { facts: { origin } })
}

export function noAnswer(peer: string): CrosstrailError {
  return new CrosstrailError(
    'network.broken',
    `the connection to ${peer} broke: it was closed before an answer arrived`,
    {
      hint: peer.startsWith('the proxy') ? checkProxy : checkNetwork,
      facts: { origin: peer },
    },
  )
}

export function clientClosed(origin: string): CrosstrailError {
  return new CrosstrailError('network.broken', `the connection to ${origin} was closed by crosstrail`, {
    facts: { origin },
  })
}

/** The error for an exchange on a connection whose earlier answer was wrong. */
export function distrusted(origin: string): CrosstrailError {
  const message = `the connection to ${origin} was closed by crosstrail, because another answer on it was wrong`
  return new CrosstrailError('network.broken', message, { facts: { origin } })
}

const checkProxy = 'check HTTPS_PROXY and HTTP_PROXY, and whether the proxy runs'
const checkNetwork = 'check the network, HTTPS_PROXY and NO_PROXY, and AWS_ENDPOINT_URL if it is set'

function isUntrusted(code: string): boolean {
  return code.startsWith('ERR_TLS_CERT') || /CERT|UNABLE_TO_VERIFY/.test(code)
}
