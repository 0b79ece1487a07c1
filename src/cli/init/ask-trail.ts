import { CrosstrailError } from '../../error.ts'
import type { Asker } from '../ask.ts'
import { askField } from './ask-field.ts'
import type { Draft } from './draft.ts'

/** Asks for what the draft lacks of the trail. The region comes from `findRegion`, and is asked for where that fails. */
export async function askTrail(
  draft: Draft,
  asker: Asker,
  findRegion: () => Promise<string | CrosstrailError>,
): Promise<void> {
  await askField(draft, asker, { path: ['trail', 'bucket'], asks: 'The bucket that holds the logs' })
  await askField(draft, asker, {
    path: ['trail', 'owner'],
    asks: 'The id of the account that owns the bucket, 12 digits',
  })
  await askRegion(draft, asker, findRegion)
  await askField(draft, asker, {
    path: ['trail', 'prefix'],
    asks: "The trail's own key prefix, what comes before AWSLogs/. Empty for none",
    optional: true,
  })
  await askField(draft, asker, {
    path: ['trail', 'organization'],
    asks: "The organization's id (o-…), for the trail of an organization. Empty for any other",
    optional: true,
  })
}

/** Sets the region that is found, and asks for it where none is. */
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
  asker.say(`Its region could not be found: ${found.message}.`)
  await askField(draft, asker, { path, asks: 'The region the bucket is in' })
}
