import type { VerifyFindingCode } from '../verify/finding.ts'

export type ReportFindingCode =
  | VerifyFindingCode
  | 'report.stopped'
  | 'report.silent'
  | 'report.late'
  | 'report.not-in-bucket'
  | 'events.unreadable-record'

interface Advice {
  /** Findings with a smaller number come first. */
  readonly rank: number
  readonly advice: string
  /** The command that shows more of the place and time. */
  readonly shows?: 'verify' | 'list' | undefined
}

const tampering =
  'Treat it as tampering until you know better. Find out who could write to the bucket at that time, keep the object as it is, and compare it with a copy'
const deleted =
  'Find out who deleted it: look for DeleteObject in the data events of the bucket. If the bucket keeps versions, restore it'
const validation =
  'Compare the settings of the trail with its history: look for StopLogging, DeleteTrail and UpdateTrail'

const byCode: Readonly<Record<ReportFindingCode, Advice>> = {
  'verify.log-hash': { rank: 0, advice: tampering, shows: 'verify' },
  'verify.signature-wrong': { rank: 0, advice: tampering, shows: 'verify' },
  'verify.previous-hash': { rank: 0, advice: tampering, shows: 'verify' },
  'verify.previous-signature': { rank: 0, advice: tampering, shows: 'verify' },
  'verify.log-listed-twice': { rank: 0, advice: tampering, shows: 'verify' },
  'verify.digest-of-other-chain': { rank: 0, advice: tampering, shows: 'verify' },
  'verify.unknown-key': { rank: 0, advice: tampering, shows: 'verify' },
  'verify.key-not-valid': { rank: 0, advice: tampering, shows: 'verify' },
  'verify.algorithm': { rank: 0, advice: tampering, shows: 'verify' },
  'verify.log-missing': { rank: 1, advice: deleted, shows: 'verify' },
  'verify.digest-missing': { rank: 1, advice: deleted, shows: 'verify' },
  'report.stopped': {
    rank: 1,
    advice: `Check that the trail still logs this region. ${validation}`,
    shows: 'list',
  },
  'verify.nothing': { rank: 1, advice: 'Check the bucket, the prefix and the window' },
  'verify.log-malformed': { rank: 2, advice: tampering, shows: 'verify' },
  'verify.digest-malformed': { rank: 2, advice: tampering, shows: 'verify' },
  'verify.signature-missing': { rank: 2, advice: tampering, shows: 'verify' },
  'verify.chain-restarted': { rank: 2, advice: validation, shows: 'verify' },
  'verify.digest-misplaced': {
    rank: 2,
    advice:
      'If the logs were copied or moved, name the earlier place with --moved-from. Otherwise treat it as tampering',
    shows: 'verify',
  },
  'verify.chain-elsewhere': {
    rank: 3,
    advice: 'Report about the bucket or prefix that it names, too',
    shows: 'verify',
  },
  'report.silent': { rank: 3, advice: validation, shows: 'list' },
  'verify.digest-unread': { rank: 3, advice: 'Let the role read it, or restore it if it is archived', shows: 'verify' },
  'verify.log-unchecked': { rank: 3, advice: 'Look at the object: its name is none of a log', shows: 'verify' },
  'verify.log-unlisted': {
    rank: 3,
    advice: 'Find out who wrote it: CloudTrail lists each log that it delivers while validation is on',
    shows: 'verify',
  },
  'verify.validation-off': { rank: 4, advice: 'Turn on log file validation for this trail' },
  'verify.no-digests': {
    rank: 4,
    advice: 'Turn on log file validation, and find out since when there are no digests',
    shows: 'verify',
  },
  'verify.kept-twice': { rank: 4, advice: 'Remove the one of the two that is not needed', shows: 'verify' },
  'report.late': {
    rank: 4,
    advice: 'Pull with a --look-back that is longer than the delay. If it continues, ask AWS Support',
    shows: 'list',
  },
  'report.not-in-bucket': { rank: 4, advice: 'Check the name, and whether the trail logs it' },
  'events.unreadable-record': { rank: 4, advice: 'Look at the log: it has records that are not JSON objects' },
}

export function adviceFor(code: ReportFindingCode): Advice {
  return byCode[code]
}
