import { noRedisClient } from './ioredis.ts'

export type BullModule = typeof import('bullmq')
export type SliceQueue = InstanceType<BullModule['Queue']>
export type QueueJob = InstanceType<BullModule['Job']>

/** Rejects with `usage.no-redis-client`. */
export async function loadBull(): Promise<BullModule> {
  try {
    return await import('bullmq')
  } catch (cause) {
    throw noRedisClient(cause)
  }
}
