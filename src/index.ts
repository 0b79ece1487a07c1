export { CrosstrailError, type ErrorCode } from './error.ts'
