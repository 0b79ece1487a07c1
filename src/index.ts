import type { Crosstrail, CrosstrailOptions } from './app/crosstrail.ts'
import { openApp } from './app/open-crosstrail.ts'

/** Opens the config. Sends nothing to AWS until a verb is called. Rejects with `config.…`, and with `usage.invalid-value` if a number is out of range. */
export const openCrosstrail: (options?: CrosstrailOptions) => Promise<Crosstrail> = openApp

/** Which logs `list` and `summarize` read. All fields are optional. */
export type ListOptions = Parameters<Crosstrail['list']>[0]
/** Which logs `download` takes, and how it stores them. Only `to` is required. */
export type DownloadOptions = Parameters<Crosstrail['download']>[0]
/** Which logs `copy` takes, and where it puts them. Only `to` is required. */
export type CopyOptions = Parameters<Crosstrail['copy']>[0]
/** Which logs `pull` takes, where it puts them, and how far back it starts. Only `to` is required. */
export type PullOptions = Parameters<Crosstrail['pull']>[0]
/** What `planDelete` plans. Only a window in `selection` is required. */
export type PlanDeleteOptions = Parameters<Crosstrail['planDelete']>[0]
/** Which plan `delete` carries out, and what its safety limits allow. Only `plan` is required. */
export type DeleteOptions = Parameters<Crosstrail['delete']>[0]
/** Which delete `restore` undoes. Only `journal` is required. */
export type RestoreOptions = Parameters<Crosstrail['restore']>[0]
/** Which records `events` and `searchFolders` find, and what they return of each record. All fields are optional. */
export type EventsOptions = Parameters<Crosstrail['events']>[0]
/** Which events `queryEvents` and `queryFolders` read, and what receives the result. Only `sql` and `onResult` are required. */
export type QueryOptions = Parameters<Crosstrail['queryEvents']>[0]
/** Which events `exportEvents` and `exportFolders` write. Only `to` is required. */
export type ExportOptions = Parameters<Crosstrail['exportEvents']>[0]
/** Which logs `verify` proves, and what receives the results. All fields are optional. */
export type VerifyOptions = NonNullable<Parameters<Crosstrail['verify']>[0]>
/** What `report` reports about. All fields are optional. */
export type ReportOptions = NonNullable<Parameters<Crosstrail['report']>[0]>
/** Which accounts `doctor` checks, and the listener of its steps. All fields are optional. */
export type DoctorOptions = NonNullable<Parameters<Crosstrail['doctor']>[0]>

export type { Crosstrail, CrosstrailOptions } from './app/crosstrail.ts'
export { pullStatus } from './app/pull-status.ts'
export { type RunStream, runStream } from './app/run-stream.ts'
export type { FolderOptions } from './app/folder-share.ts'
export type { OpenQueues, QueuesOptions } from './app/open-queues.ts'
export { reportFolders } from './app/report-folders.ts'
export { exportFolders, queryFolders, searchFolders } from './app/search-folders.ts'
export { verifyFolders } from './app/verify-folders.ts'
export { mergeJournals, type MergeOptions } from './verbs/merge/merge.ts'
export type { MergedJournal, MergedLine, MergeReport } from './verbs/merge/report.ts'
export type { Shard } from './trail/shard.ts'
export type {
  Account,
  AccountLabel,
  Config,
  ConfiguredQueue,
  CredentialSource,
  RoleHop,
  Verb,
} from './config/config.ts'
export type { Environment } from './config/environment.ts'
export { loadConfig, type LoadOptions } from './config/load-config.ts'
export { type ConfigProblem, configProblems } from './config/problem.ts'
export type { FileForm, InflateLimit } from './disk/file-form.ts'
export type { Layout } from './disk/local-path.ts'
export { CrosstrailError, type ErrorCode, type ErrorDetails } from './error.ts'
export type { MfaPrompt } from './identity/mfa.ts'
export type { OneOrMore, PolicyConditions, PolicyDocument, PolicyStatement } from './identity/policy-document.ts'
export type { Session } from './identity/session.ts'
export type { PolicyFinding } from './identity/sharing/policy-finding.ts'
export type { AnnouncingWay } from './identity/sharing/announcing.ts'
export type {
  SettingAttachment,
  SettingKind,
  SharingAttachment,
  SharingKind,
  SharingPolicy,
  SharingSetting,
  SharingSide,
} from './identity/sharing/sharing-policy.ts'
export type { SigningKeys } from './identity/signing-keys.ts'
export type { AnnouncedObject } from './queue/announced.ts'
export type { FeedMessage, FeedNumbers, MessageFeed } from './queue/feed-message.ts'
export type { LeaveReason } from './queue/left-messages.ts'
export type { LogParts } from './records/log-parts.ts'
export { type AccountId, isAccountId } from './trail/account-id.ts'
export { formatKey, parseKey } from './trail/key.ts'
export { type Kind, kinds } from './trail/kind.ts'
export type { KeyParts, ListedObject, LogObject } from './trail/log-object.ts'
export type { DigestKey, LogKey, ParsedKey } from './trail/parsed-key.ts'
export { formatInstant, parseDuration, parseInstant, parseWindow } from './trail/time.ts'
export type { Trail, TrailLayout } from './trail/trail.ts'
export type { Window } from './trail/window.ts'
export type { BucketProtection } from './s3/bucket-admin.ts'
export type { StorageOptions } from './s3/copy-target.ts'
export type { CopyDestination } from './sinks/bucket/destination.ts'
export type { Thaw } from './sinks/bucket/sides.ts'
export type { Rotation } from './sinks/event-files.ts'
export type { NdjsonOptions } from './sinks/ndjson.ts'
export type { DatasetReport } from './sinks/parquet/dataset-report.ts'
export type { SinkChoice } from './sinks/open-sink.ts'
export type { CopyGoal, CopyReport } from './verbs/copy/options.ts'
export type { CredentialsOptions } from './verbs/creds/options.ts'
export type { DownloadReport } from './verbs/download/options.ts'
export type { HandedSession } from './verbs/creds/handed-session.ts'
export type { SafetyLimits } from './verbs/delete/options.ts'
export type { FileLine } from './disk/file-lines.ts'
export type { BrokenChain, KeptReason, PlanFacts, PlanGroup, PlanKey, PlanTotal } from './verbs/delete/plan-facts.ts'
export type { DeletePlan, PlanHead, PlannedOptions } from './verbs/delete/plan-lines.ts'
export type { PlannedDelete, ReadyPlan } from './verbs/delete/ready-plan.ts'
export type { SourceCopy } from './verbs/delete/source-copy.ts'
export type { Diagnosis } from './verbs/doctor/examine.ts'
export type { DoctorFix, PolicyPlace, Side as FixSide } from './verbs/doctor/fix.ts'
export type { DoctorStep, Facts as StepFacts, StepCode, StepName, StepStatus } from './verbs/doctor/step.ts'
export type { Condition } from './verbs/events/filter/event-filter.ts'
export type { FilterField } from './verbs/events/filter/fields.ts'
export type { TextPattern } from './verbs/events/filter/text-pattern.ts'
export type { FoundRecords } from './verbs/events/found-records.ts'
export type { FieldValue, RecordForm } from './verbs/events/record-form.ts'
export type { EventsReport, ExportReport, QueryReport, RecordCounts } from './verbs/events/report.ts'
export type { JsonText, ResultFile, SqlColumn, SqlResult, SqlValue } from './verbs/events/sql/sql-result.ts'
export type { VisibleBucket } from './verbs/list/own-buckets.ts'
export type { Summary, SummaryGroup, SummaryTotal } from './verbs/list/summary.ts'
export type { ExternalIdSlot } from './verbs/policy/id-placeholders.ts'
export type { OptionRights } from './verbs/policy/needed-rights.ts'
export type { PolicyCheck, PolicySet } from './verbs/policy/policies.ts'
export type { PolicyOptions } from './verbs/policy/options.ts'
export type { CopyingTo } from './verbs/pull/options.ts'
export type { Heard } from './verbs/pull/queue/heard.ts'
export type { PullQueue } from './verbs/pull/queue/options.ts'
export type { Finding, PullReport, StreamName, StreamStatus } from './verbs/pull/report.ts'
export type { PullStatusOptions } from './verbs/pull/stream-status.ts'
export type { DeleteJournal } from './verbs/restore/read-journal.ts'
export type { RestoreReport } from './verbs/restore/remove-markers.ts'
export type {
  BucketProtectionFigures,
  CellState,
  ChainIntegrity,
  Counted,
  Delay,
  EventFigures,
  HeatMap,
  KeyUse,
  KindTotal,
  MapRow,
  MonthTotal,
  Percentiles,
  ReportFigures,
  ReportFinding,
  ReportScope,
  RunMade,
  StreamEnd,
  Unchecked,
} from './verbs/report/figures.ts'
export type { ReportReport } from './verbs/report/make-report.ts'
export type { ChainState } from './verbs/verify/chain-facts.ts'
export type { ChainName, StreamName as VerifiedStream } from './verbs/verify/chain-name.ts'
export type { DigestState } from './verbs/verify/check-digest.ts'
export type { VerifyFinding, VerifyFindingCode } from './verbs/verify/finding.ts'
export type { KeysFrom, VerifyEvidence } from './verbs/verify/options.ts'
export type {
  ChainReport,
  EvidenceOutcome,
  ProofReport,
  StreamReport,
  UsedKey,
  VerifyReport,
} from './verbs/verify/report.ts'
export type { DigestResult, LogResult, LogState, VerifyResult } from './verbs/verify/result.ts'
export type {
  DoneOutcome,
  FailedOutcome,
  Outcome,
  OutcomeDetail,
  OutcomeObject,
  SkippedOutcome,
  SkipReason,
} from './work/outcome.ts'
export type { AccountReport, MissingName, RunEvent, RunListener, RunReport, Verification } from './work/run-event.ts'
export type { Selection } from './work/selection.ts'
export type { Tally } from './work/tally.ts'
