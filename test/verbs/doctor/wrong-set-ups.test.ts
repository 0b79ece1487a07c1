import { proveWrongSetUps } from './wrong-set-up.ts'
import { bucketSetUps } from './wrong-set-ups/bucket.ts'
import { explainedSetUps } from './wrong-set-ups/explained.ts'
import { hopSetUps } from './wrong-set-ups/hop.ts'
import { keysSetUps } from './wrong-set-ups/keys.ts'
import { kmsSetUps } from './wrong-set-ups/kms.ts'
import { listSetUps } from './wrong-set-ups/list.ts'
import { readSetUps } from './wrong-set-ups/read.ts'
import { roleSetUps } from './wrong-set-ups/role.ts'
import { sourceSetUps } from './wrong-set-ups/source.ts'
import { writeSetUps } from './wrong-set-ups/write.ts'

// One lab for all of them, in the order of doctor's steps.
proveWrongSetUps([
  ...sourceSetUps,
  ...hopSetUps,
  ...roleSetUps,
  ...explainedSetUps,
  ...bucketSetUps,
  ...listSetUps,
  ...readSetUps,
  ...kmsSetUps,
  ...writeSetUps,
  ...keysSetUps,
])
