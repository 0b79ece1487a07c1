import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BucketAdmin } from '../../../src/s3/bucket-admin.ts'
import type { ObjectVersion, VersionPage } from '../../../src/s3/version-page.ts'
import { compareKeys } from '../../../src/trail/key-order.ts'
import { versionTwins } from '../../../src/verbs/delete/version-twins.ts'
import { version } from './plan-world.ts'

/** Pages as S3 gives them: keys in order, of each the newest first. */
function listing(
  versions: readonly ObjectVersion[],
  pageSize: number,
): Pick<BucketAdmin, 'versionPage'> & { pages: number } {
  return {
    pages: 0,
    versionPage({ prefix, keyMarker = '', versionIdMarker }): Promise<VersionPage> {
      this.pages++
      const behind = versions.filter(({ key, versionId }) => {
        if (!key.startsWith(prefix)) return false
        const order = compareKeys(key, keyMarker)
        return order > 0 || (order === 0 && versionIdMarker !== undefined && versionId > versionIdMarker)
      })
      const page = behind.slice(0, pageSize)
      const last = page.at(-1)
      const next =
        behind.length > page.length && last !== undefined
          ? { keyMarker: last.key, versionIdMarker: last.versionId }
          : undefined
      return Promise.resolve({ versions: page, next })
    },
  }
}

const keys = fc.uniqueArray(fc.stringMatching(/^[ab]{1,4}z$/), { maxLength: 12 })

test('finds all versions of each key, for any page size and any keys between them', async () => {
  await fc.assert(
    fc.asyncProperty(
      keys,
      keys,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 7 }),
      async (there, asked, each, pageSize) => {
        const versions = there
          .map((key) => `p/${key}`)
          .sort(compareKeys)
          .flatMap((key) => Array.from({ length: each }, (_, at) => version(key, `v${at}`)))
        const wanted = asked.map((key) => `p/${key}`).sort(compareKeys)
        const twins = versionTwins(listing(versions, pageSize), 'p/', new AbortController().signal)
        const half = Math.floor(wanted.length / 2)
        const found = new Map([...(await twins.of(wanted.slice(0, half))), ...(await twins.of(wanted.slice(half)))])
        for (const key of wanted) {
          expect(found.get(key) ?? []).toEqual(versions.filter((one) => one.key === key))
        }
      },
    ),
  )
})

test('skips what lies between two keys', async () => {
  const versions = Array.from({ length: 10_000 }, (_, at) => version(`p/${String(at).padStart(5, '0')}z`, 'v'))
  const walked = listing(versions, 100)
  const twins = versionTwins(walked, 'p/', new AbortController().signal)
  expect([...(await twins.of(['p/00000z', 'p/09000z'])).keys()]).toEqual(['p/00000z', 'p/09000z'])
  expect(walked.pages).toBe(2)
})
