import type { AccountId } from '../../trail/account-id.ts'
import { randomUuid, type Random } from '../random.ts'
import { type Caller, isoSeconds } from './cast.ts'

/** Where a log is from: what all of its records share. */
export interface Place {
  readonly account: AccountId
  readonly region: string
}

/** What was called, and what became of it. */
export interface Call {
  /** `s3` for `s3.amazonaws.com`. */
  readonly service: string
  readonly name: string
  readonly readOnly: boolean
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly response?: Readonly<Record<string, unknown>>
  readonly resources?: readonly Readonly<Record<string, string>>[]
  /** Fields that only some records have. */
  readonly more?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code?: string; readonly message: string }
}

/** The record of a call, with its fields in AWS's order (AWS, "CloudTrail record contents", version 1.11). */
export function callRecord(
  random: Random,
  { account, region }: Place,
  timeMs: number,
  caller: Caller,
  call: Call,
): Record<string, unknown> {
  const { service, name, readOnly, parameters = null, response = null, resources, more, error } = call
  return {
    eventVersion: '1.11',
    userIdentity: caller.identity,
    eventTime: isoSeconds(timeMs),
    eventSource: `${service}.amazonaws.com`,
    eventName: name,
    awsRegion: region,
    sourceIPAddress: caller.address,
    userAgent: caller.agent,
    ...(error?.code === undefined ? undefined : { errorCode: error.code }),
    ...(error === undefined ? undefined : { errorMessage: error.message }),
    requestParameters: parameters,
    responseElements: error?.code === undefined ? response : null,
    requestID: randomUuid(random),
    eventID: randomUuid(random),
    readOnly,
    ...(resources === undefined ? undefined : { resources }),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
    ...(caller.isConsole === true ? { sessionCredentialFromConsole: 'true' } : undefined),
    ...more,
  }
}
