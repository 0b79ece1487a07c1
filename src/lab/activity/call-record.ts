import type { AccountId } from '../../trail/account-id.ts'
import { randomUuid, type Random } from '../random.ts'
import { type Caller, isoSeconds } from './cast.ts'

/** The log account and region that all records of a log share. */
export interface Place {
  readonly account: AccountId
  readonly region: string
}

/** An API call and its result. */
export interface Call {
  /** The first part of the event source: `s3` for `s3.amazonaws.com`. */
  readonly service: string
  readonly name: string
  readonly readOnly: boolean
  readonly parameters?: Readonly<Record<string, unknown>>
  readonly response?: Readonly<Record<string, unknown>>
  readonly resources?: readonly Readonly<Record<string, string>>[]
  /** Other fields, which replace the usual ones of the same name. */
  readonly more?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code?: string; readonly message: string }
}

/** Returns the record of a call. Its fields are in AWS's order (AWS, "CloudTrail record contents", version 1.11). */
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
