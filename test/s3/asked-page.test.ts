import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import { type AskedPage, demandAskedPage } from '../../src/s3/asked-page.ts'
import { parseListPage } from '../../src/s3/list-page.ts'
import { compareKeys } from '../../src/trail/key-order.ts'
import { awkward } from './awkward.ts'

interface Said {
  readonly keys?: readonly string[]
  readonly folders?: readonly string[]
  /** Elements next to the entries. */
  readonly head?: string
}

function page({ keys = [], folders = [], head = '' }: Said): ReturnType<typeof parseListPage> {
  const entries = keys.map(
    (key) =>
      `<Contents><Key>${encodeURIComponent(key)}</Key><LastModified>2026-11-01T12:30:00.000Z</LastModified><Size>1</Size></Contents>`,
  )
  const prefixes = folders.map(
    (folder) => `<CommonPrefixes><Prefix>${encodeURIComponent(folder)}</Prefix></CommonPrefixes>`,
  )
  return parseListPage(
    `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>${head}${entries.join('')}${prefixes.join('')}</ListBucketResult>`,
  )
}

function refusal(said: Said, asked: Partial<AskedPage>): string {
  try {
    demandAskedPage(page(said), { bucket: 'logs', prefix: '', ...asked })
  } catch (error) {
    if (error instanceof CrosstrailError) return error.code
    throw error
  }
  return 'none'
}

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

describe('a page', () => {
  it('is accepted only if all keys have the prefix and ascend from the start', () => {
    const text = fc.oneof(
      fc.stringMatching(/^[ab/]{0,4}$/),
      fc.string({ unit: fc.constantFrom('a', 'b', '\u{10ffff}', '\uffff'), maxLength: 4 }),
    )
    fc.assert(
      fc.property(
        text,
        text,
        fc.array(text.filter(Boolean), { maxLength: 8 }),
        fc.boolean(),
        (prefix, after, some, sorts) => {
          const keys = [...new Set(some.map((key, index) => (index % 3 === 0 ? key : prefix + key)))]
          if (sorts) keys.sort(compareKeys)
          const startAfter = after === '' ? undefined : after
          const isRight = keys.every(
            (key, index) => key.startsWith(prefix) && compareKeys(key, keys[index - 1] ?? after) > 0,
          )
          expect(refusal({ keys }, { prefix, startAfter }) === 'none').toBe(isRight)
        },
      ),
      { numRuns: 3000 },
    )
  })

  it.each<[string, Said, Partial<AskedPage>, string]>([
    ['another bucket', { head: '<Name>other</Name>' }, {}, 'bucket.wrong-page'],
    ['another prefix', { head: '<Prefix>b/</Prefix>' }, { prefix: 'a/' }, 'bucket.wrong-page'],
    ['no prefix although one was requested', { head: '<Prefix></Prefix>' }, { prefix: 'a/' }, 'bucket.wrong-page'],
    ['an empty element for the prefix', { head: '<Prefix/>' }, { prefix: 'a/' }, 'bucket.wrong-page'],
    ['a prefix although none was requested', { head: '<Prefix>a/</Prefix>' }, {}, 'bucket.wrong-page'],
    ['another token', { head: '<ContinuationToken>t2</ContinuationToken>' }, { token: 't1' }, 'bucket.wrong-page'],
    ['a token although none was sent', { head: '<ContinuationToken>t2</ContinuationToken>' }, {}, 'bucket.wrong-page'],
    ['another start', { head: '<StartAfter>b</StartAfter>' }, { startAfter: 'a' }, 'bucket.wrong-page'],
    ['a last key without the prefix', { keys: ['a/1', 'b'] }, { prefix: 'a/' }, 'bucket.wrong-page'],
    ['folders that were not requested', { folders: ['a/'] }, {}, 'bucket.wrong-page'],
    ['a folder without the prefix', { folders: ['a/b/', 'b/'] }, { prefix: 'a/', delimiter: '/' }, 'bucket.wrong-page'],
    ['a folder that is the prefix', { folders: ['a/'] }, { prefix: 'a/', delimiter: '/' }, 'bucket.wrong-page'],
    [
      'a folder without a slash at the end',
      { folders: ['a/b'] },
      { prefix: 'a/', delimiter: '/' },
      'bucket.wrong-page',
    ],
    ['keys instead of folders', { keys: ['a/b/c'] }, { prefix: 'a/', delimiter: '/' }, 'bucket.wrong-page'],
    ['a key before its start', { keys: ['a'] }, { startAfter: 'b' }, 'bucket.listing-loops'],
    ['its start', { keys: ['b'] }, { startAfter: 'b' }, 'bucket.listing-loops'],
    ['a folder before its start', { folders: ['a/'] }, { startAfter: 'b/', delimiter: '/' }, 'bucket.listing-loops'],
  ])('with %s is refused', (_, said, asked, code) => {
    expect(refusal(said, asked)).toBe(code)
  })

  it('that does not name its listing is judged by its keys', () => {
    expect(refusal({ keys: ['a/1'] }, { prefix: 'a/', token: 't', startAfter: 'a/0' })).toBe('none')
    expect(refusal({}, { prefix: 'a/' })).toBe('none')
  })

  it('may write prefix and start plain or URL-encoded, with any characters', () => {
    for (const text of awkward) {
      for (const written of [escape(text), encodeURIComponent(text), encodeURIComponent(text).replaceAll('%20', '+')]) {
        const head = `<Prefix>${written}</Prefix><StartAfter>${written}</StartAfter>`
        expect(refusal({ head }, { prefix: text, startAfter: text })).toBe('none')
      }
    }
  })

  it('may name the bucket behind the alias of an access point', () => {
    const head = '<Name>logs</Name>'
    expect(refusal({ head }, { bucket: 'audit-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias' })).toBe('none')
  })

  it('of folders may also contain objects, and repeat the folder where it continues', () => {
    const said = { keys: ['a/', 'a/note'], folders: ['a/b/', 'a/c/'] }
    expect(refusal(said, { prefix: 'a/', delimiter: '/' })).toBe('none')
    expect(refusal({ folders: ['a/b/', 'a/c/'] }, { prefix: 'a/', startAfter: 'a/b/', delimiter: '/' })).toBe('none')
  })
})
