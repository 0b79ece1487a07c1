import { CrosstrailError } from '../error.ts'
import { maskedForeignText } from '../secrets/masked-text.ts'
import { bucketRegionOf, type CallContext, codeByStatus, type ServiceFault } from './service-error.ts'

interface SdkError {
  readonly Code?: unknown
  readonly $fault?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
  readonly $response?: { readonly statusCode?: number; readonly headers?: Record<string, string> }
}

/** Returns the service's refusal behind an SDK error; undefined if there is none. */
export function sdkFault(error: unknown): ServiceFault | undefined {
  if (!(error instanceof Error) || error instanceof CrosstrailError) return undefined
  const { $fault, $metadata, $response, Code } = error as Error & SdkError
  const status = $metadata?.httpStatusCode ?? $response?.statusCode
  if (status === undefined || ($fault === undefined && status < 300)) return undefined
  const name = typeof Code === 'string' ? Code : error.name
  const isNamed = $fault !== undefined && !unnamed.test(name)
  return {
    status,
    code: isNamed ? name : codeByStatus(status),
    message: isNamed && error.message !== name && !unnamed.test(error.message) ? error.message : '',
    requestId: $metadata?.requestId,
    bucketRegion: bucketRegionOf($response?.headers ?? {}),
  }
}

/** The names that the SDK gives to an error whose answer has no document. */
const unnamed = /^(Unknown|UnknownError|S3ServiceException|Error|\d{3})$/

/** Converts an error that is not a refusal. A CrosstrailError is returned unchanged; an answer that the SDK cannot read becomes `bucket.malformed-answer`. */
export function sdkUnreadable(error: unknown, { operation, bucket }: CallContext): unknown {
  if (!(error instanceof Error) || error instanceof CrosstrailError) return error
  const { $metadata, $response } = error as Error & SdkError
  if (($metadata?.httpStatusCode ?? $response?.statusCode) === undefined) return error
  return new CrosstrailError(
    'bucket.malformed-answer',
    `the answer to ${operation} of ${bucket} cannot be read: ${maskedForeignText(error.message)}`,
    {
      hint: 'a proxy may change answers; if it happens every time, the endpoint is not compatible with S3',
      cause: error,
    },
  )
}
