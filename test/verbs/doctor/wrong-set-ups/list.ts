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
/** If a listing is refused, the trail's layout may be wrong as well. */
const layout = [config('trail.prefix'), config('trail.organization')]

/** Adds a bucket with the same logs, whose keys begin with `begin`. */
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
    title: 'says to remove the Deny of a bucket policy that denies the listing',
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
      words('owner', `remove the Deny of s3:ListBucket on arn:aws:s3:::${labBucket} from the policy of the bucket`),
    ],
    mend: asSaid(({ lab }) => (lab.bucket().policy = undefined)),
  },
  {
    title: 'gives a role without s3:ListBucket that right for its own prefix',
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
    title: 'gives a role that may list the prefix of others its own prefix',
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
    title: 'gives a role that may list only its prefix everything below it',
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
    title: 'gives a role that reads two accounts and may list one both prefixes',
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
    title:
      'names trail.prefix beside the statement if a role that may list only its own logs is refused a wrong prefix',
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
    title:
      'names trail.organization beside the statement if a role that may list only its own logs lacks the organization id',
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
    title: 'finds a missing organization id if the role may list other folders',
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
    line: /the role may list s3:\/\/log-archive\/AWSLogs\/, but it holds no objects/,
    fixes: [config('trail.organization', 'o-exampleorgid')],
    mend: writeConfig,
  },
  {
    title: 'says to remove an organization id that no key has',
    entry: entryZ,
    trail: { organization: 'o-exampleorgid' },
    step: 'list',
    status: 'warning',
    code: 'bucket.empty-prefix',
    sides: ['config'],
    line: /s3:\/\/example-cloudtrail-logs\/AWSLogs\/o-exampleorgid\/, but it holds no objects/,
    fixes: [config('trail.organization')],
    mend: fillIn({ 'trail.organization': undefined }),
  },
  {
    title: 'finds a missing prefix of the trail if the role may list other folders',
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
    line: /s3:\/\/log-archive\/AWSLogs\/, but it holds no objects/,
    fixes: [config('trail.prefix', 'audit')],
    mend: writeConfig,
  },
  {
    title: 'warns of one account of several that delivers no logs',
    entry: { ...entryZ, reads: [labAccounts.B, '999999999999'] },
    step: 'list',
    status: 'warning',
    code: 'bucket.empty-prefix',
    sides: ['config'],
    line: /there are no objects under AWSLogs\/999999999999\//,
    fixes: [config('accounts.X.reads')],
    mend: fillIn({ 'accounts.X.reads': 'all' }),
  },
  {
    title: 'warns of an account that delivers no logs, with the fields that may be wrong',
    entry: { ...entryZ, reads: ['999999999999'] },
    step: 'list',
    status: 'warning',
    code: 'bucket.empty-prefix',
    sides: ['config'],
    line: /s3:\/\/example-cloudtrail-logs\/AWSLogs\/999999999999\/, but it holds no objects/,
    fixes: [config('trail.prefix'), config('accounts.X.reads')],
    mend: fillIn({ 'accounts.X.reads': 'all' }),
  },
  {
    title: "warns of a role that may list others' names, with the statement that is enough",
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
    line: /the role can list the names of all accounts' logs, but the config says reads: own/,
    fixes: [words('owner', `allow s3:ListBucket to ${labRoles.B} only with the condition below`), listsB],
    mend: both(
      asSaid(({ lab }) => setPolicies(lab, labRoles.B, allow(readsB()))),
      addPolicies,
    ),
  },
]
