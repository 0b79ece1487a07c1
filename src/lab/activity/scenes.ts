import type { AccountId } from '../../trail/account-id.ts'
import { pick, randomIndex, type Random } from '../random.ts'
import type { Call, Place } from './call-record.ts'
import {
  assumeRole,
  attachUserPolicy,
  createAccessKey,
  dataKey,
  decrypt,
  deleteBucket,
  deniedCall,
  keyDeletion,
  objectCall,
  paymentsBucket,
  reads,
  trailCall,
  writes,
} from './calls.ts'
import {
  anyRoleCaller,
  browser,
  type Caller,
  consoleCaller,
  people,
  type Role,
  roleCaller,
  rootCaller,
  serviceCaller,
  through,
  type User,
  userCaller,
  users,
} from './cast.ts'

/** A call of a scene, and its caller. */
export interface Step {
  readonly caller: Caller
  readonly call: Call
}

/** Returns calls that belong together, in order. */
export type Scene = (random: Random, place: Place, timeMs: number) => readonly Step[]

/** Plays a random scene. Most scenes are a single call, as in real logs. */
export const anyScene: Scene = (random, place, timeMs) => {
  const at = randomIndex(random, total)
  const scene = scenes.find(({ until }) => at < until)?.scene ?? daily
  return scene(random, place, timeMs)
}

const daily: Scene = (random, place, timeMs) => [
  {
    caller: anyCaller(random, place.account, timeMs),
    call: pick(random, random() < 0.75 ? reads : writes)(random, place),
  },
]

const objects: Scene = (random, { account }, timeMs) => {
  const caller = anyRoleCaller(random, account, timeMs)
  return Array.from({ length: 1 + randomIndex(random, 3) }, () => ({ caller, call: objectCall(random, account) }))
}

const secrets: Scene = (random, place, timeMs) => [
  {
    caller: through('secretsmanager', anyCaller(random, place.account, timeMs)),
    call: decrypt(random, place),
  },
]

const services: Scene = (random, place) => [{ caller: serviceCaller('cloudtrail'), call: dataKey(random, place) }]

const denied: Scene = (random, place, timeMs) => {
  const caller = anyCaller(random, place.account, timeMs)
  return [{ caller, call: deniedCall(random, place, String(caller.identity['arn'])) }]
}

const login: Scene = (random, place, timeMs) => {
  const user = pick(random, people)
  const mfa = user !== 'dara' && random() < 0.9
  const caller = consoleCaller(random, place.account, user, timeMs, mfa)
  return [
    { caller: atLogin(caller), call: consoleLogin({ mfa, succeeds: true }) },
    { caller, call: pick(random, reads)(random, place) },
  ]
}

const failedLogin: Scene = (random, { account }, timeMs) => {
  const caller = consoleCaller(random, account, pick(random, people), timeMs, false)
  return [{ caller: atLogin(caller), call: consoleLogin({ mfa: false, succeeds: false }) }]
}

const roleSession: Scene = (random, place, timeMs) => {
  const { account } = place
  const user = pick<User>(random, ['deploy', 'ci-runner', 'alice', 'chen'])
  const from = userCaller(random, account, user)
  const hop = assumed(random, account, timeMs, from, { role: 'DeployPipeline', session: user, mfa: false })
  return [
    hop.step,
    ...[reads, writes, reads].map((calls) => ({ caller: hop.caller, call: pick(random, calls)(random, place) })),
  ]
}

/** A session of one role assumes another role. The second session stops logging and deletes a bucket. */
const roleChain: Scene = (random, place, timeMs) => {
  const { account } = place
  const from = userCaller(random, account, 'alice')
  const first = assumed(random, account, timeMs, from, { role: 'OrgAccess', session: 'alice', mfa: true })
  const session = `incident-${4_000 + randomIndex(random, 1_000)}`
  const second = assumed(random, account, timeMs, first.caller, { role: 'BreakGlass', session, mfa: true })
  const calls = [
    trailCall('StopLogging', place),
    objectCall(random, account),
    deleteBucket(account, paymentsBucket(account)),
  ]
  return [first.step, second.step, ...calls.map((call) => ({ caller: second.caller, call }))]
}

const iamChange: Scene = (random, { account }, timeMs) => {
  const caller = userCaller(random, account, pick<User>(random, ['bruno', 'deploy']))
  const userName = pick(random, users)
  return [
    { caller, call: createAccessKey(random, userName, timeMs) },
    { caller, call: attachUserPolicy(userName) },
  ]
}

const deletion: Scene = (random, place, timeMs) => {
  const caller = userCaller(random, place.account, pick<User>(random, ['deploy', 'chen']))
  const call = pick(random, [
    () => deleteBucket(place.account, `team-${pick(random, people)}-scratch`),
    () => trailCall('DeleteTrail', place),
    () => keyDeletion(random, place, timeMs),
  ])
  return [{ caller, call: call() }]
}

const root: Scene = (random, { account }, timeMs) => {
  const caller = rootCaller(random, account, timeMs)
  return [
    { caller: atLogin(caller), call: consoleLogin({ mfa: false, succeeds: true }) },
    { caller, call: createAccessKey(random, 'bruno', timeMs) },
  ]
}

/** How often each scene is played, of a thousand. */
const weights: readonly (readonly [number, Scene])[] = [
  [640, daily],
  [100, objects],
  [50, secrets],
  [40, services],
  [40, denied],
  [40, login],
  [15, failedLogin],
  [40, roleSession],
  [6, roleChain],
  [10, iamChange],
  [14, deletion],
  [5, root],
]
const scenes = weights.map(([, scene], at) => ({
  scene,
  until: weights.slice(0, at + 1).reduce((sum, [weight]) => sum + weight, 0),
}))
const total = scenes.at(-1)?.until ?? 0

function anyCaller(random: Random, account: AccountId, timeMs: number): Caller {
  return random() < 0.5 ? userCaller(random, account, pick(random, users)) : anyRoleCaller(random, account, timeMs)
}

/** Returns the call that opens a session of a role, and the session as a caller. */
function assumed(
  random: Random,
  account: AccountId,
  timeMs: number,
  from: Caller,
  of: { readonly role: Role; readonly session: string; readonly mfa: boolean },
): { readonly step: Step; readonly caller: Caller } {
  const { call, accessKeyId } = assumeRole(random, { account, timeMs, ...of })
  return {
    step: { caller: from, call },
    caller: roleCaller(account, { ...of, accessKeyId, createdMs: timeMs }, from),
  }
}

/** The record of a login has no access key and no session, because they exist only after the login. */
function atLogin({ identity, address }: Caller): Caller {
  const { accessKeyId: _key, sessionContext: _context, ...known } = identity
  return { identity: known, address, agent: browser }
}

/** CloudTrail records a failed login with an error message, but without an error code. */
function consoleLogin({ mfa, succeeds }: { readonly mfa: boolean; readonly succeeds: boolean }): Call {
  return {
    service: 'signin',
    name: 'ConsoleLogin',
    readOnly: false,
    response: { ConsoleLogin: succeeds ? 'Success' : 'Failure' },
    more: {
      additionalEventData: {
        LoginTo: 'https://console.aws.amazon.com/console/home',
        MobileVersion: 'No',
        MFAUsed: mfa ? 'Yes' : 'No',
      },
      eventType: 'AwsConsoleSignIn',
      tlsDetails: { tlsVersion: 'TLSv1.3', clientProvidedHostHeader: 'signin.aws.amazon.com' },
    },
    ...(succeeds ? undefined : { error: { message: 'Failed authentication' } }),
  }
}
