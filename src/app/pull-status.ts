export { pullStatus, type PullStatusOptions } from '../verbs/pull/stream-status.ts'
