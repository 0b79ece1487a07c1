/** A request handler of the SDK, as far as it is watched. */
interface Handler {
  handle(
    request: unknown,
    options?: unknown,
  ): Promise<{ readonly response: { readonly headers: Record<string, string> } }>
}

/** How far this machine's clock is from those of the servers that answered. */
export interface ClockWatch<H> {
  readonly handler: H
  /** This machine's clock minus the server's, in seconds, by the last answer that had a date; undefined before one. */
  skewSeconds(): number | undefined
}

/** Reads the `Date` of every answer that passes `handler`, against the middle of its call: a date has whole seconds only. */
export function clockWatch<H extends object>(handler: H, nowMs: () => number = Date.now): ClockWatch<H> {
  let skewMs: number | undefined
  const watched = handler as H & Handler
  return {
    handler: {
      ...handler,
      async handle(request: unknown, options?: unknown) {
        const sentMs = nowMs()
        const answer = await watched.handle(request, options)
        const serverMs = Date.parse(answer.response.headers['date'] ?? '')
        if (!Number.isNaN(serverMs)) skewMs = (sentMs + nowMs()) / 2 - (serverMs + halfSecondMs)
        return answer
      },
    },
    skewSeconds: () => (skewMs === undefined ? undefined : Math.round(skewMs / 1000)),
  }
}

const halfSecondMs = 500
