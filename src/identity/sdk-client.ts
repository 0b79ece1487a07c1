import type { SigningKeys } from './signing-keys.ts'

const mostAttempts = 5
const connectTimeoutMs = 5_000
const answerTimeoutMs = 20_000

export interface SdkOptions {
  /** The region of the endpoint. The SDK's own rules choose the endpoint, including `AWS_ENDPOINT_URL` and the variable of the service. */
  readonly region: string
  readonly endpoint?: string | undefined
  readonly useFipsEndpoint?: boolean | undefined
  readonly useDualstackEndpoint?: boolean | undefined
  /** A smithy `HttpHandler` for proxies and certificate authorities. It belongs to the caller and is never destroyed here. */
  readonly requestHandler?: unknown
  readonly signal?: AbortSignal | undefined
  /** How often a call is attempted if it fails temporarily. At most five times. */
  readonly maxAttempts?: number | undefined
}

/** Returns the config of a client of the SDK. Only the SDK retries its calls. */
export function sdkClientConfig(keys: SigningKeys, options: SdkOptions) {
  const {
    region,
    endpoint,
    useFipsEndpoint,
    useDualstackEndpoint,
    requestHandler,
    maxAttempts = mostAttempts,
  } = options
  return {
    region,
    credentials: {
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey,
      ...(keys.sessionToken !== undefined && { sessionToken: keys.sessionToken }),
    },
    maxAttempts: Math.min(mostAttempts, maxAttempts),
    // The SDK would sign with the server's time and continue, and S3 would then refuse every call. Report a wrong clock at once.
    disableClockSkewCorrection: true,
    requestHandler: (requestHandler ?? {
      connectionTimeout: connectTimeoutMs,
      requestTimeout: answerTimeoutMs,
      throwOnRequestTimeout: true,
    }) as never,
    ...(endpoint !== undefined && { endpoint }),
    ...(useFipsEndpoint !== undefined && { useFipsEndpoint }),
    ...(useDualstackEndpoint !== undefined && { useDualstackEndpoint }),
  }
}

interface SdkClient {
  readonly middlewareStack: unknown
  destroy(): void
}

interface SentArgs {
  readonly request: { readonly hostname?: string; readonly port?: number }
}

/** What this file uses of the SDK's stack, whose own type differs by client. */
interface MiddlewareStack {
  add(
    middleware: (next: (args: SentArgs) => unknown) => (args: SentArgs) => unknown,
    options: { readonly step: 'finalizeRequest'; readonly name: string },
  ): void
}

/**
 * Calls `ask` with a client, and destroys it. `explain` gets an error, and the host that was called, for an error without an answer; what it
 * returns is thrown.
 */
export async function withSdkClient<Client extends SdkClient, Answer>(
  client: Client,
  options: SdkOptions,
  ask: (client: Client) => Promise<Answer>,
  explain: (error: unknown, host: string | undefined) => Error,
): Promise<Answer> {
  let host: string | undefined
  const stack = client.middlewareStack as MiddlewareStack
  stack.add(
    (next) => (args) => {
      const { hostname, port } = args.request
      host = port === undefined ? hostname : `${hostname}:${port}`
      return next(args)
    },
    { step: 'finalizeRequest', name: 'watchHost' },
  )
  try {
    return await ask(client)
  } catch (error) {
    throw explain(error, host)
  } finally {
    // Destroying a client also destroys its handler, and an injected handler is shared.
    if (options.requestHandler === undefined) client.destroy()
  }
}

export function sendOptions({ signal }: Pick<SdkOptions, 'signal'>): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal }
}
