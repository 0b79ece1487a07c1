import { CrosstrailError } from '../error.ts'
import { maskedForeignText } from '../secrets/masked-text.ts'
import { bucketRegionOf, type CallContext, codeByStatus, type ServiceFault } from './service-error.ts'

interface SdkError {
  readonly Code?: unknown
  readonly $fault?: unknown
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
  readonly $response?: { readonly statusCode?: number; readonly headers?: Record<string, string> }
}

/** The service's refusal that an SDK error stands for; undefined where it is none. */
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

/** What the SDK calls an error whose answer has no document. */
const unnamed = /^(Unknown|UnknownError|S3ServiceException|Error|\d{3})$/

/** An error that is no refusal: a CrosstrailError as it is, an answer the SDK cannot read as `bucket.malformed-answer`. */
export function sdkUnreadable(error: unknown, { operation, bucket }: CallContext): unknown {
  if (!(error instanceof Error) || error instanceof CrosstrailError) return error
  const { $metadata, $response } = error as Error & SdkError
  if (($metadata?.httpStatusCode ?? $response?.statusCode) === undefined) return error
  return new CrosstrailError(
    'bucket.malformed-answer',
    `the answer to ${operation} of ${bucket} cannot be read: ${maskedForeignText(error.message)}`,
    { hint: 'a proxy in between may change answers; if it is always so, the endpoint is no S3', cause: error },
  )
}
