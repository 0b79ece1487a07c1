import { pick, randomIndex, randomUuid, type Random } from '../random.ts'
import { callRecord, type Place } from './call-record.ts'
import { deniedCall, hexId, objectCall } from './calls.ts'
import { isoSeconds, userCaller, users } from './cast.ts'

/** Returns the record of a call through a VPC endpoint. The endpoint's policy denies some calls. */
export function networkRecord(random: Random, place: Place, timeMs: number): Record<string, unknown> {
  const { account } = place
  const caller = userCaller(random, account, pick(random, users))
  const call = random() < 0.8 ? objectCall(random, account) : deniedCall(random, place, String(caller.identity['arn']))
  return callRecord(random, place, timeMs, caller, {
    ...call,
    ...(call.error === undefined ? undefined : { error: { ...call.error, code: 'VpceAccessDenied' } }),
    more: {
      eventType: 'AwsVpceEvent',
      managementEvent: false,
      vpcEndpointId: hexId(random, 'vpce'),
      vpcEndpointAccountId: account,
      eventCategory: 'NetworkActivity',
    },
  })
}

/** Returns an Insights record about an unusual rate of calls or errors. */
export function insightRecord(random: Random, { account, region }: Place, timeMs: number): Record<string, unknown> {
  const ofErrors = random() < 0.3
  const statistics = {
    baseline: { average: random() * 2 },
    insight: { average: 5 + random() * 40 },
    insightDuration: randomIndex(random, 30) + 1,
    baselineDuration: 11_459,
  }
  return {
    eventVersion: '1.11',
    eventTime: isoSeconds(timeMs),
    awsRegion: region,
    eventID: randomUuid(random),
    eventType: 'AwsCloudTrailInsight',
    recipientAccountId: account,
    sharedEventID: randomUuid(random),
    insightDetails: {
      state: pick(random, ['Start', 'End']),
      eventSource: 'ec2.amazonaws.com',
      eventName: 'RunInstances',
      insightType: ofErrors ? 'ApiErrorRateInsight' : 'ApiCallRateInsight',
      ...(ofErrors ? { errorCode: 'Client.UnauthorizedOperation' } : undefined),
      insightContext: { statistics },
    },
    eventCategory: 'Insight',
  }
}

/** Returns one record for five minutes of data events (AWS, "CloudTrail record contents for aggregated events"). */
export function aggregatedRecord(random: Random, { account, region }: Place, timeMs: number): Record<string, unknown> {
  const endMs = Math.floor(timeMs / windowMs) * windowMs
  const count = (name: string) => ({ name, value: 1 + randomIndex(random, 5_000) })
  return {
    eventVersion: '1.0',
    accountId: account,
    eventId: randomUuid(random),
    eventCategory: 'Aggregated',
    eventType: 'AwsAggregatedEvent',
    awsRegion: region,
    eventSource: 's3.amazonaws.com',
    timeWindow: { windowStart: isoSeconds(endMs - windowMs), windowEnd: isoSeconds(endMs), windowSize: 'PT5M' },
    summary: {
      primaryDimension: { dimension: 'eventName', statistics: [count('GetObject'), count('PutObject')] },
      details: [
        { dimension: 'userIdentity', statistics: users.map((user) => count(`arn:aws:iam::${account}:user/${user}`)) },
      ],
    },
  }
}

const windowMs = 5 * 60_000
