import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CrosstrailError } from '../../src/error.ts'
import { parseListPage } from '../../src/s3/list-page.ts'
import { canonicalQuery } from '../../src/s3/uri.ts'

interface Row {
  readonly key: string
  readonly sizeBytes: number
}

function page(rows: readonly Row[], extra = '', truncated = false): string {
  const contents = rows.map(
    ({ key, sizeBytes }) =>
      `<Contents><Key>${encodeURIComponent(key)}</Key><LastModified>2026-11-01T12:30:00.000Z</LastModified><ETag>&quot;d41d8cd98f00b204e9800998ecf8427e&quot;</ETag><Size>${sizeBytes}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix></Prefix><KeyCount>${rows.length}</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType><IsTruncated>${truncated}</IsTruncated>${extra}${contents.join('')}</ListBucketResult>`
}

function codeOf(xml: string): string {
  try {
    parseListPage(xml)
  } catch (error) {
    if (error instanceof CrosstrailError) return error.code
    throw error
  }
  return 'none'
}

describe('a listing page', () => {
  it('returns every key, with any characters', () => {
    const rows = fc.array(fc.record({ key: fc.string({ unit: 'grapheme', minLength: 1 }), sizeBytes: fc.nat() }), {
      maxLength: 20,
    })
    fc.assert(
      fc.property(rows, (wanted) => {
        const { objects } = parseListPage(page(wanted))
        expect(objects.map(({ key, sizeBytes }) => ({ key, sizeBytes }))).toEqual(wanted)
      }),
    )
  })

  it('reads etag, date and storage class', () => {
    const [object] = parseListPage(page([{ key: 'k', sizeBytes: 7 }])).objects
    expect(object).toEqual({
      key: 'k',
      sizeBytes: 7,
      etag: 'd41d8cd98f00b204e9800998ecf8427e',
      lastModifiedMs: Date.UTC(2026, 10, 1, 12, 30),
      storageClass: 'STANDARD',
    })
  })

  it('reads dates as JavaScript does, and rejects invalid ones', () => {
    const digits = (most: number) => fc.nat({ max: most }).map((number) => String(number).padStart(2, '0'))
    const time = fc.tuple(digits(25), digits(61), digits(61)).map((parts) => parts.join(':'))
    const day = fc.tuple(digits(13), digits(32)).map((parts) => `2026-${parts.join('-')}`)
    const fraction = fc.constantFrom('', '.000', '.5', '.123456')
    const date = fc.tuple(fc.oneof(day, fc.constant('2026-11-01')), time, fraction)
    fc.assert(
      fc.property(fc.array(date, { maxLength: 6 }), (dates) => {
        const texts = dates.map(([on, at, part]) => `${on}T${at}${part}Z`)
        const rows = texts.map((_, index) => ({ key: `k${index}`, sizeBytes: 1 }))
        let index = 0
        const xml = page(rows).replaceAll('2026-11-01T12:30:00.000Z', () => texts[index++] ?? '')
        const wanted = texts.map((text) => Date.parse(text))
        if (wanted.some(Number.isNaN)) expect(codeOf(xml)).toBe('bucket.malformed-answer')
        else expect(parseListPage(xml).objects.map(({ lastModifiedMs }) => lastModifiedMs)).toEqual(wanted)
      }),
      { numRuns: 500 },
    )
  })

  it("reads an entry in S3's usual form the same as one with other elements, or rejects both", () => {
    const key = fc.oneof(fc.string({ unit: 'grapheme-ascii', minLength: 1 }), fc.stringMatching(/^[\w/.%+&;<-]{1,12}$/))
    const date = fc.oneof(
      fc.constantFrom(
        '2026-11-01T12:30:00.000Z',
        '2026-11-01T12:30:59.999Z',
        '2026-02-30T00:00:00.000Z',
        '2026-11-01T12:30:00Z',
      ),
      fc.stringMatching(/^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]\.[0-9]{3}Z$/),
    )
    const etag = fc.oneof(
      fc.constantFrom('', '&quot;', '"'),
      fc.stringMatching(/^(&quot;[0-9a-f-]{0,34}&quot;|"[0-9a-f]{4}")$/),
    )
    const checksum = fc.constantFrom(
      '',
      '<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm>',
      '<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>',
      '<Owner><ID>o</ID></Owner>',
    )
    const size = fc.oneof(fc.nat().map(String), fc.stringMatching(/^[0-9]{0,18}$/))
    const storageClass = fc.constantFrom('STANDARD', 'STANDARD_IA')
    const entry = fc.record({ key, date, etag, checksum, size, storageClass }).map((of) => {
      const head = `<Key>${of.key}</Key><LastModified>${of.date}</LastModified><ETag>${of.etag}</ETag>${of.checksum}`
      return { head, tail: `<Size>${of.size}</Size><StorageClass>${of.storageClass}</StorageClass>` }
    })
    const read = (contents: readonly string[]) => {
      const xml = page([], contents.join('')).replace('<KeyCount>0', `<KeyCount>${contents.length}`)
      const code = codeOf(xml)
      return code === 'none' ? parseListPage(xml).objects : code
    }
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 5 }), (entries) => {
        const usual = entries.map(({ head, tail }) => `<Contents>${head}${tail}</Contents>`)
        const other = entries.map(({ head, tail }) => `<Contents><Other/>${head}<Other/>${tail}</Contents>`)
        expect(read(usual)).toEqual(read(other))
      }),
      { numRuns: 5000 },
    )
  })

  it('distinguishes a restored archive from another one', () => {
    const archived = (status: string): string =>
      page([{ key: 'k', sizeBytes: 7 }]).replace(
        '<StorageClass>STANDARD</StorageClass>',
        `<StorageClass>GLACIER</StorageClass>${status}`,
      )
    const restored =
      '<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>2026-12-01T00:00:00.000Z</RestoreExpiryDate></RestoreStatus>'
    expect(parseListPage(archived(restored)).objects[0]?.restored).toBe(true)
    expect(
      parseListPage(archived('<RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress></RestoreStatus>'))
        .objects[0]?.restored,
    ).toBe(false)
    expect(parseListPage(archived('')).objects[0]?.restored).toBeUndefined()
  })

  it('reads common prefixes and the token', () => {
    const xml = page([], '<NextContinuationToken>a&amp;b==</NextContinuationToken>', true)
      .replace('<KeyCount>0', '<KeyCount>2')
      .replace(
        '</ListBucketResult>',
        '<CommonPrefixes><Prefix>a%2F</Prefix></CommonPrefixes><CommonPrefixes><Prefix>b%20c/</Prefix></CommonPrefixes></ListBucketResult>',
      )
    expect(parseListPage(xml)).toMatchObject({ objects: [], commonPrefixes: ['a/', 'b c/'], nextToken: 'a&b==' })
  })

  it('decodes XML before the URL encoding', () => {
    const xml = page([{ key: 'k', sizeBytes: 1 }]).replace('<Key>k</Key>', '<Key>it&apos;s%26+&#x41;</Key>')
    expect(parseListPage(xml).objects[0]?.key).toBe("it's& A")
  })

  it('that is cut off anywhere is rejected, never read as a shorter page', () => {
    const whole = page(
      [
        { key: 'a', sizeBytes: 1 },
        { key: 'b', sizeBytes: 2 },
      ],
      '<NextContinuationToken>t</NextContinuationToken>',
      true,
    )
    for (let length = 0; length < whole.length; length++) {
      expect(codeOf(whole.slice(0, length))).toBe('bucket.malformed-answer')
    }
  })

  it('that lost a key in transit is rejected', () => {
    const xml = page([
      { key: 'a', sizeBytes: 1 },
      { key: 'b', sizeBytes: 2 },
    ]).replace(/<Contents><Key>b.*?<\/Contents>/, '')
    expect(codeOf(xml)).toBe('bucket.malformed-answer')
  })

  it.each([
    ['no XML', 'hello'],
    ['another document', '<?xml version="1.0"?><html></html>'],
    ['no size', page([{ key: 'a', sizeBytes: 1 }]).replace('<Size>1<', '<Size><')],
    ['an invalid size', page([{ key: 'a', sizeBytes: 1 }]).replace('<Size>1<', '<Size>big<')],
    ['an invalid date', page([{ key: 'a', sizeBytes: 1 }]).replace('2026-11-01T12:30:00.000Z', 'yesterday')],
    ['broken URL encoding', page([{ key: 'a', sizeBytes: 1 }]).replace('<Key>a<', '<Key>%zz<')],
    ['truncated without a token', page([], '', true)],
  ])('with %s is rejected', (_, xml) => {
    expect(codeOf(xml)).toBe('bucket.malformed-answer')
  })

  it.each([
    ['a namespace', (xml: string) => xml.replaceAll(/<(\/?)Contents>/g, '<$1s3:Contents>')],
    [
      'a namespace in only one entry',
      (xml: string) => xml.replace(/<Contents>(<Key>b.*?)<\/Contents>/, '<ns0:Contents>$1</ns0:Contents>'),
    ],
    ['an attribute', (xml: string) => xml.replaceAll('<Contents>', '<Contents type="object">')],
    ['a space', (xml: string) => xml.replaceAll('<Contents>', '<Contents >')],
    ['a line break', (xml: string) => xml.replaceAll('<Contents>', '<Contents\n>')],
    ['a space in the closing tag', (xml: string) => xml.replaceAll('</Contents>', '</Contents >')],
    ['a space in the first closing tag', (xml: string) => xml.replace('</Contents>', '</Contents >')],
    ['no entry inside', (xml: string) => xml.replace(/<Contents>.*?<\/Contents>/, '<Contents/>')],
    ['a namespace everywhere', (xml: string) => xml.replaceAll(/<(\/?)(?=[A-Z])/g, '<$1s3:')],
    [
      'a comment around it',
      (xml: string) => xml.replace('<Contents>', '<!-- <Contents>').replace('</Contents>', '</Contents> -->'),
    ],
    ['two keys', (xml: string) => xml.replace('<Key>a</Key>', '<Key>a</Key><Key>aa</Key>')],
  ])('whose <Contents> is spelled with %s is rejected, not read as a shorter page', (_, spell) => {
    const rows = ['a', 'b', 'c'].map((key) => ({ key, sizeBytes: 1 }))
    const xml = spell(page(rows).replace(/<KeyCount>.*?<\/KeyCount>/, ''))
    expect(codeOf(xml)).toBe('bucket.malformed-answer')
  })

  it.each(['KeyCount', 'IsTruncated', 'NextContinuationToken', 'EncodingType', 'Prefix', 'Name'])(
    'whose <%s> has an unsupported spelling is rejected',
    (name) => {
      const xml = page([{ key: 'a', sizeBytes: 1 }], '<NextContinuationToken>t</NextContinuationToken>', true)
      for (const spelled of [`x:${name}`, `${name} a="b"`]) {
        expect(codeOf(xml.replaceAll(`<${name}>`, `<${spelled}>`))).toBe('bucket.malformed-answer')
      }
    },
  )

  it.each([
    '<CommonPrefixes a="b"><Prefix>a/</Prefix>',
    '<x:CommonPrefixes><Prefix>a/</Prefix>',
    '<CommonPrefixes><Prefix >a/</Prefix>',
    '<CommonPrefixes><Prefix/>',
    '<CommonPrefixes><Prefix>a/</Prefix><Prefix><b/></Prefix>',
  ])('with %s is rejected', (opening) => {
    const xml = page([]).replace('</ListBucketResult>', `${opening}</CommonPrefixes></ListBucketResult>`)
    expect(codeOf(xml.replace(/<KeyCount>.*?<\/KeyCount>/, ''))).toBe('bucket.malformed-answer')
  })

  it('that announces more than it contains is rejected, and one that counts only keys is not', () => {
    const folders = '<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>'
    const counted = (count: number) =>
      page([{ key: 'a', sizeBytes: 1 }], folders).replace('<KeyCount>1', `<KeyCount>${count}`)
    expect([1, 2, 3].map((count) => codeOf(counted(count)))).toEqual(['none', 'none', 'bucket.malformed-answer'])
  })

  it('that contains a second page is rejected', () => {
    expect(codeOf(page([{ key: 'a', sizeBytes: 1 }]) + page([]))).toBe('bucket.malformed-answer')
  })

  it('never fails with another error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(600), (noise, at) => {
        const whole = page([{ key: 'a', sizeBytes: 1 }])
        expect(['none', 'bucket.malformed-answer']).toContain(codeOf(whole.slice(0, at) + noise + whole.slice(at)))
      }),
    )
  })
})

describe('a query', () => {
  it('is sorted and omits missing parameters', () => {
    expect(canonicalQuery({ prefix: 'a/b', 'list-type': '2', delimiter: undefined })).toBe('list-type=2&prefix=a%2Fb')
  })
})
