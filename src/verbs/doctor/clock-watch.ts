interface Handler {
  handle(
    request: unknown,
    options?: unknown,
  ): Promise<{ readonly response: { readonly headers: Record<string, string> } }>
}

/** Measures the difference between this machine's clock and the servers' clocks. */
export interface ClockWatch<H> {
  readonly handler: H
  /** Returns this machine's clock minus the server's in seconds, by the last answer with a date. Undefined before the first. */
  skewSeconds(): number | undefined
}

/** Compares the `Date` of every answer with the middle of its call, and adds half a second, because a date has only whole seconds. */
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
