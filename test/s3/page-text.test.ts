import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseListPage } from '../../src/s3/list-page.ts'
import { pageText } from '../../src/s3/page-text.ts'

const key = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
  fc.stringMatching(/^[\w/.-]{1,60}$/),
  fc.constantFrom('Ü', 'a b', '<Contents>', '日本'.repeat(40)),
)

/** Pages with keys encoded or plain, as some servers send them, and with common prefixes and other elements around the entries. */
const answer = fc
  .record({
    keys: fc.array(key, { maxLength: 30 }),
    prefixes: fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 5 }),
    between: fc.constantFrom('', '\n  '),
    isEncoded: fc.boolean(),
    isTypeLast: fc.boolean(),
    isTruncated: fc.boolean(),
  })
  .map(({ keys, prefixes, between, isEncoded, isTypeLast, isTruncated }) => {
    const type = isEncoded ? '<EncodingType>url</EncodingType>' : ''
    const contents = keys.map((text) => {
      const written = isEncoded ? encodeURIComponent(text) : text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
      return `<Contents><Key>${written}</Key><LastModified>2026-11-01T12:30:00.000Z</LastModified><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>7</Size></Contents>`
    })
    const common = prefixes.map((prefix) => `<CommonPrefixes><Prefix>${prefix}/</Prefix></CommonPrefixes>`)
    const end = isTruncated
      ? '<IsTruncated>true</IsTruncated><NextContinuationToken>next</NextContinuationToken>'
      : '<IsTruncated>false</IsTruncated>'
    const parts = [...(isTypeLast ? [] : [type]), ...contents, ...common, end, ...(isTypeLast ? [type] : [])]
    return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult>${parts.join(between)}</ListBucketResult>`
  })

describe('the text of a page', () => {
  it('is complete, in pieces that each begin with an entry except the first', () => {
    fc.assert(
      fc.property(answer, fc.integer({ min: 1, max: 3000 }), (xml, pieceBytes) => {
        const [first, ...others] = pageText(Buffer.from(xml), pieceBytes)
        expect([first, ...others].join('')).toBe(xml)
        for (const piece of others) expect(piece.startsWith('<Contents>')).toBe(true)
      }),
    )
  })

  it('parses in pieces as it does as a whole', () => {
    fc.assert(
      fc.property(answer, fc.integer({ min: 1, max: 3000 }), (xml, pieceBytes) => {
        expect(parseListPage(...pageText(Buffer.from(xml), pieceBytes))).toEqual(parseListPage(xml))
      }),
    )
  })

  it('has no piece longer than requested, unless there is no place to split', () => {
    const entry = `<Contents>${'k'.repeat(390)}</Contents>`
    const body = Buffer.from(`<ListBucketResult>${entry.repeat(1000)}</ListBucketResult>`)
    const sizes = pageText(body).map(({ length }) => length)
    expect(sizes).toHaveLength(5)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(96 * 1024)

    const long = `<ListBucketResult>${`<CommonPrefixes>${'p'.repeat(390)}</CommonPrefixes>`.repeat(1000)}</ListBucketResult>`
    expect(pageText(Buffer.from(long))).toEqual([long])
  })

  it('of an empty body is one empty piece', () => {
    expect(pageText(Buffer.alloc(0))).toEqual([''])
  })
})
