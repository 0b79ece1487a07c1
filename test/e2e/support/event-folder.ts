import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'

export type EventRecord = Readonly<Record<string, unknown>>

/** Makes a folder of logs. Each log has a path below the folder, and records or its whole text. Names that end in `.gz` are zipped. */
export function eventFolder(folder: string, logs: Readonly<Record<string, readonly EventRecord[] | string>>): string {
  for (const [path, content] of Object.entries(logs)) {
    const text = typeof content === 'string' ? content : JSON.stringify({ Records: content })
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), path.endsWith('.gz') ? gzipSync(text) : text)
  }
  return folder
}

/** A record like those of CloudTrail. Its place gives it a time and an id of its own. */
export function eventRecord(at: number, changes: EventRecord = {}): EventRecord {
  return {
    eventVersion: '1.11',
    userIdentity: { type: 'IAMUser', userName: 'alice', arn: 'arn:aws:iam::444444444444:user/alice' },
    eventTime: new Date(Date.UTC(2026, 10, 5) + at * 1000).toISOString().replace('.000', ''),
    eventSource: 's3.amazonaws.com',
    eventName: 'GetObject',
    awsRegion: 'eu-west-1',
    sourceIPAddress: '198.51.100.24',
    userAgent: 'aws-cli/2.27',
    requestParameters: { bucketName: 'payments' },
    eventID: `0b0b8a1e-0000-4000-8000-${String(at).padStart(12, '0')}`,
    readOnly: true,
    eventType: 'AwsApiCall',
    recipientAccountId: '444444444444',
    eventCategory: 'Management',
    ...changes,
  }
}

/** The name that CloudTrail gives a log. */
export function logName(minute: number, unique = 'AbCdEfGh01234567'): string {
  const stamp = new Date(Date.UTC(2026, 10, 5) + minute * 60_000).toISOString().replace(/[-:]|:\d\d\..*/g, '')
  return `444444444444_CloudTrail_eu-west-1_${stamp.slice(0, 13)}Z_${unique}.json.gz`
}

/** Texts that a stranger can put into a record: they act on a terminal, on the direction of writing, or in a spreadsheet. */
export const hostileTexts = [
  '\u001b]0;owned\u0007\u001b[2J\u001b[31m red',
  'left\u202eright\u2066\u200b',
  'line one\nline two\r\n',
  "=cmd|'/C calc'!A0",
  '@SUM(1+1)*cmd',
  '-2+3',
  '\t=1+1',
  '漢字😀e\u0301'.repeat(30),
  '\ud83d lone',
  '\u009b31mC1',
]

/** One record for each hostile text, in each field that a table shows. */
export const hostileRecords = hostileTexts.map((text, at) =>
  eventRecord(at, {
    eventName: text,
    userIdentity: { type: 'IAMUser', userName: text },
    userAgent: text,
    sourceIPAddress: text,
    errorCode: text,
    requestParameters: { bucketName: text, [text]: text },
  }),
)
