import { CrosstrailError } from '../error.ts'
import { maskedForeignText } from '../secrets/masked-text.ts'

/** What broke an exchange, by the codes of the system and, through a proxy, of undici. */
export function networkError(error: Error, origin: string): Error {
  if (error instanceof CrosstrailError) return error
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const facts = { origin, reason: code || error.name }
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return stalled(origin, error)
    case 'UND_ERR_CONNECT_TIMEOUT':
      return connectTimeout(origin, error)
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new CrosstrailError('network.unknown-host', `the host of ${origin} cannot be found`, {
        hint: 'check the region, the endpoint (AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_S3) and the name server',
        facts,
        cause: error,
      })
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return shortAnswer(origin, error)
    default:
      if (isUntrusted(code)) {
        return new CrosstrailError(
          'network.untrusted',
          `the certificate of ${origin} is not trusted: ${maskedForeignText(error.message)}`,
          {
            hint: 'where a proxy or a private store signs with an authority of its own, name it in AWS_CA_BUNDLE',
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

export function stalled(origin: string, cause?: Error): CrosstrailError {
  return new CrosstrailError('network.stalled', `${origin} stopped answering`, { facts: { origin }, cause })
}

export function connectTimeout(origin: string, cause?: Error): CrosstrailError {
  return new CrosstrailError('network.connect-timeout', `${origin} cannot be reached in time`, {
    hint: checkNetwork,
    facts: { origin },
    cause,
  })
}

/** The connection ended within an answer. */
export function shortAnswer(origin: string, cause?: Error): CrosstrailError {
  return new CrosstrailError('network.short-answer', `${origin} sent less than it announced`, {
    facts: { origin },
    cause,
  })
}

/** The connection ended before an answer. */
export function noAnswer(origin: string): CrosstrailError {
  return new CrosstrailError(
    'network.broken',
    `the connection to ${origin} broke: it was closed before an answer came`,
    {
      hint: checkNetwork,
      facts: { origin },
    },
  )
}

export function clientClosed(origin: string): CrosstrailError {
  return new CrosstrailError('network.broken', `the connection to ${origin} broke: it was closed here`, {
    facts: { origin },
  })
}

/** An answer that came over the connection before proved wrong. */
export function distrusted(origin: string): CrosstrailError {
  return new CrosstrailError(
    'network.broken',
    `the connection to ${origin} broke: it was closed here, because another answer on it was wrong`,
    { facts: { origin } },
  )
}

const checkNetwork = 'check the network, HTTPS_PROXY and NO_PROXY, and AWS_ENDPOINT_URL where it is set'

function isUntrusted(code: string): boolean {
  return code.startsWith('ERR_TLS_CERT') || /CERT|UNABLE_TO_VERIFY/.test(code)
}
