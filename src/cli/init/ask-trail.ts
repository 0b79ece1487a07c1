import { CrosstrailError } from '../../error.ts'
import type { Asker } from '../ask.ts'
import { askField } from './ask-field.ts'
import type { Draft } from './draft.ts'

/** Asks for what the draft lacks of the trail. The region comes from `findRegion`. If that fails, it is asked for. */
export async function askTrail(
  draft: Draft,
  asker: Asker,
  findRegion: () => Promise<string | CrosstrailError>,
): Promise<void> {
  await askField(draft, asker, { path: ['trail', 'bucket'], asks: 'The bucket that holds the logs' })
  await askField(draft, asker, {
    path: ['trail', 'owner'],
    asks: 'The 12-digit id of the account that owns the bucket',
  })
  await askRegion(draft, asker, findRegion)
  await askField(draft, asker, {
    path: ['trail', 'prefix'],
    asks: "The trail's key prefix: the part of each key before AWSLogs/. Empty for none",
    optional: true,
  })
  await askField(draft, asker, {
    path: ['trail', 'organization'],
    asks: "The organization's id (o-…), if this is an organization trail. Empty if not",
    optional: true,
  })
}

export async function askRegion(
  draft: Draft,
  asker: Asker,
  findRegion: () => Promise<string | CrosstrailError>,
): Promise<void> {
  const path = ['trail', 'region']
  if (draft.has(path)) return
  const found = await findRegion()
  if (typeof found === 'string') {
    draft.set(path, found)
    asker.say(`The bucket is in ${found}.`)
    return
  }
  asker.say(`The region of the bucket could not be found: ${found.message}.`)
  await askField(draft, asker, { path, asks: "The bucket's region" })
}
