export interface InflateLimit {
  readonly maxInflatedBytes: number
}

export const defaultMaxInflatedBytes = 1024 ** 3
