import { labAccounts, labBucket, labRoles } from '../../../../src/lab/fixture.ts'
import type { Lab } from '../../../../src/lab/lab.ts'
import { entryB, entryZ } from '../doctor-world.ts'
import { adds, config, words } from '../expected-fix.ts'
import { allow, alsoAllow, bPrefix, bucketArn, lists, readsB, setPolicies } from '../lab-policies.ts'
import { addPolicies, asSaid, both, fillIn, writeConfig } from '../mend.ts'
import type { WrongSetUp } from '../wrong-set-up.ts'

const archive = 'log-archive'
const inArchive = { bucket: archive }
const ownPattern = `${bPrefix}*`
const listsB = adds('role', labRoles.B, lists(labBucket, ownPattern))
/** Where a list is refused, the trail's layout may be wrong as well. */
const layout = [config('trail.prefix'), config('trail.organization')]

/** Another bucket with the same logs, their keys begun in another way. */
function addArchive(lab: Lab, begin: string): void {
  const to = lab.addBucket({ name: archive, owner: labAccounts.A, region: 'us-east-1' })
  for (const key of lab.bucket().keys()) to.put(key.replace(/^AWSLogs\//, begin), lab.bucket().get(key)?.body ?? '')
}

function readsWholeArchive(lab: Lab): void {
  const arn = `arn:aws:s3:::${archive}`
  setPolicies(lab, labRoles.Z, allow({ Action: ['s3:Get*', 's3:List*'], Resource: [arn, `${arn}/*`] }))
}

export const listSetUps: readonly WrongSetUp[] = [
  {
    title: 'a bucket policy that denies the listing is to be changed, and nothing else',
    entry: entryB,
    spoil: ({ lab }) => {
      const Resource = bucketArn
      lab.bucket().policy = { Statement: { Effect: 'Deny', Principal: '*', Action: 's3:ListBucket', Resource } }
    },
    step: 'list',
    code: 'access.list-denied',
    sides: ['owner'],
    line: /ListObjectsV2 of s3:\/\/example-cloudtrail-logs\/AWSLogs\/222222222222\/ was refused with 403/,
    fixes: [
      words('owner', `take the Deny of s3:ListBucket on arn:aws:s3:::${labBucket} out of the policy of the bucket`),
    ],
    mend: asSaid(({ lab }) => (lab.bucket().policy = undefined)),
  },
  {
    title: 'a role without s3:ListBucket is given it for its own prefix',
    entry: entryB,
    spoil: ({ lab }) => setPolicies(lab, labRoles.B, allow(readsB())),
    step: 'list',
    code: 'access.list-denied',
    sides: ['owner', 'config'],
    line: /ListObjectsV2 of s3:\/\/example-cloudtrail-logs\/AWSLogs\/222222222222\/ was refused with 403/,
    fixes: [listsB, ...layout],
    mend: addPolicies,
  },
  {
    title: 'a role that may list the prefix of others is given its own',
    entry: entryB,
    spoil: ({ lab }) =>
      setPolicies(lab, labRoles.B, allow(readsB()), allow(lists(labBucket, `AWSLogs/${labAccounts.C}/*`))),
    step: 'list',
    code: 'access.list-denied',
    sides: ['owner', 'config'],
    line: /AWSLogs\/222222222222\/ was refused with 403/,
    fixes: [listsB, ...layout],
    mend: addPolicies,
  },
  {
    title: 'a role that may list its prefix and nothing below is given all of it',
    entry: entryB,
    spoil: ({ lab }) =>
      setPolicies(lab, labRoles.B, allow(readsB()), allow(lists(labBucket, `AWSLogs/${labAccounts.B}/`))),
    step: 'list',
    code: 'access.list-denied',
    sides: ['owner', 'config'],
    line: /AWSLogs\/222222222222\/.* was refused with 403/,
    fixes: [listsB, ...layout],
    mend: addPolicies,
  },
  {
    title: 'a role that is to read two accounts and may list one is given both',
    entry: { ...entryB, reads: [labAccounts.B, labAccounts.C] },
    spoil: ({ lab }) => alsoAllow(lab, labRoles.B, { Action: 's3:GetObject', Resource: `${bucketArn}/*` }),
    step: 'list',
    code: 'access.list-denied',
    sides: ['owner', 'config'],
    line: /AWSLogs\/333333333333\/ was refused with 403/,
    fixes: [adds('role', labRoles.B, lists(labBucket, [ownPattern, `AWSLogs/${labAccounts.C}/*`])), ...layout],
    mend: addPolicies,
  },
  {
    title: 'a wrong prefix of the trail is refused to who may list its own alone, and told beside the statement',
    entry: entryB,
    trail: { prefix: 'wrong' },
    step: 'list',
    code: 'access.list-denied',
    sides: ['owner', 'config'],
    line: /s3:\/\/example-cloudtrail-logs\/wrong\/AWSLogs\/222222222222\/ was refused with 403/,
    fixes: [adds('role', labRoles.B, lists(labBucket, `wrong/${ownPattern}`)), ...layout],
    mend: fillIn({ 'trail.prefix': '' }),
  },
  {
    title: 'a missing organization id is refused to who may list its own alone, and told beside the statement',
    entry: entryB,
    trail: inArchive,
    spoil: ({ lab }) => {
      addArchive(lab, 'AWSLogs/o-exampleorgid/')
      const own = `AWSLogs/o-exampleorgid/${labAccounts.B}/*`
      const reads = allow({ Action: 's3:GetObject', Resource: `arn:aws:s3:::${archive}/${own}` })
      setPolicies(lab, labRoles.B, allow(lists(archive, own)), reads)
    },
    step: 'list',
    code: 'access.list-denied',
    sides: ['owner', 'config'],
    line: /s3:\/\/log-archive\/AWSLogs\/222222222222\/ was refused with 403/,
    fixes: [adds('role', labRoles.B, lists(archive, ownPattern)), ...layout],
    mend: fillIn({ 'trail.organization': 'o-exampleorgid' }),
  },
  {
    title: 'a missing organization id is found by who may look around',
    entry: entryZ,
    trail: inArchive,
    spoil: ({ lab }) => {
      addArchive(lab, 'AWSLogs/o-exampleorgid/')
      readsWholeArchive(lab)
    },
    step: 'list',
    status: 'warning',
    code: 'bucket.empty-prefix',
    sides: ['config'],
    line: /may be listed, and nothing lies there: s3:\/\/log-archive\/AWSLogs\//,
    fixes: [config('trail.organization', 'o-exampleorgid')],
    mend: writeConfig,
  },
  {
    title: 'an organization id that no key has is to be left out',
    entry: entryZ,
    trail: { organization: 'o-exampleorgid' },
    step: 'list',
    status: 'warning',
    code: 'bucket.empty-prefix',
    sides: ['config'],
    line: /nothing lies there: s3:\/\/example-cloudtrail-logs\/AWSLogs\/o-exampleorgid\//,
    fixes: [config('trail.organization')],
    mend: fillIn({ 'trail.organization': undefined }),
  },
  {
    title: 'a missing prefix of the trail is found by who may look around',
    entry: entryZ,
    trail: inArchive,
    spoil: ({ lab }) => {
      addArchive(lab, 'audit/AWSLogs/')
      readsWholeArchive(lab)
    },
    step: 'list',
    status: 'warning',
    code: 'bucket.empty-prefix',
    sides: ['config'],
    line: /nothing lies there: s3:\/\/log-archive\/AWSLogs\//,
    fixes: [config('trail.prefix', 'audit')],
    mend: writeConfig,
  },
  {
    title: 'an account among others that delivers nothing is warned of',
    entry: { ...entryZ, reads: [labAccounts.B, '999999999999'] },
    step: 'list',
    status: 'warning',
    code: 'bucket.empty-prefix',
    sides: ['config'],
    line: /nothing lies under AWSLogs\/999999999999\//,
    fixes: [config('accounts.X.reads')],
    mend: fillIn({ 'accounts.X.reads': 'all' }),
  },
  {
    title: 'an account that delivers nothing is warned of, with what may be wrong',
    entry: { ...entryZ, reads: ['999999999999'] },
    step: 'list',
    status: 'warning',
    code: 'bucket.empty-prefix',
    sides: ['config'],
    line: /nothing lies there: s3:\/\/example-cloudtrail-logs\/AWSLogs\/999999999999\//,
    fixes: [config('trail.prefix'), config('accounts.X.reads')],
    mend: fillIn({ 'accounts.X.reads': 'all' }),
  },
  {
    title: "a role that may list others' names is warned of, with the statement that is enough",
    entry: entryB,
    spoil: ({ lab }) =>
      setPolicies(
        lab,
        labRoles.B,
        allow(readsB()),
        allow({ Action: 's3:ListBucket', Resource: `arn:aws:s3:::${labBucket}` }),
      ),
    step: 'others',
    status: 'warning',
    code: 'access.lists-others',
    sides: ['owner'],
    line: /the names of all accounts' logs can be listed, and the config says reads: own/,
    fixes: [words('owner', `allow s3:ListBucket to ${labRoles.B} on the condition below alone`), listsB],
    mend: both(
      asSaid(({ lab }) => setPolicies(lab, labRoles.B, allow(readsB()))),
      addPolicies,
    ),
  },
]
