export type { VisibleBucket } from './app/services.ts'
export type { Account, Config, CredentialSource, RoleHop, Verb } from './config/config.ts'
export { loadConfig, type LoadOptions } from './config/load-config.ts'
export { type ConfigProblem, configProblems } from './config/problem.ts'
export {
  type CopyOptions,
  type Crosstrail,
  type CrosstrailOptions,
  type DownloadOptions,
  type ListOptions,
  openCrosstrail,
} from './app/crosstrail.ts'
export type { Layout } from './disk/local-path.ts'
export { CrosstrailError, type ErrorCode } from './error.ts'
export { type AccountId, isAccountId } from './trail/account-id.ts'
export { formatKey, parseKey } from './trail/key.ts'
export { type Kind, kinds } from './trail/kind.ts'
export type { KeyParts, ListedObject, LogObject } from './trail/log-object.ts'
export type { ParsedKey } from './trail/parsed-key.ts'
export { formatInstant, parseDuration, parseInstant, parseWindow } from './trail/time.ts'
export type { Trail, TrailLayout } from './trail/trail.ts'
export type { Window } from './trail/window.ts'
export type { StorageOptions } from './s3/copy-target.ts'
export type { Thaw } from './sinks/bucket/sides.ts'
export type { Summary, SummaryGroup, SummaryTotal } from './verbs/list/summary.ts'
export type { DoneOutcome, FailedOutcome, Outcome, OutcomeObject, SkippedOutcome, SkipReason } from './work/outcome.ts'
export type { AccountReport, RunEvent, RunListener, RunReport } from './work/run-event.ts'
export type { Selection } from './work/selection.ts'
export type { Tally } from './work/tally.ts'
