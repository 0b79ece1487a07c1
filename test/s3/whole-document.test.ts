import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wholeDocument } from '../../src/s3/whole-document.ts'

const get = { method: 'GET', protocol: 'http:', hostname: 'h', path: '/b', headers: {} }
const whole = '<?xml version="1.0" encoding="UTF-8"?>\n<A xmlns="x"><B>1</B><A>2</A></A>'

function check(request: typeof get & { query?: Record<string, string> }, xml: string, status = 200): void {
  wholeDocument(request, { status, headers: {}, body: Buffer.from(xml) })
}

const malformed = expect.objectContaining({ code: 'bucket.malformed-answer' })

describe('an answer with a document', () => {
  it.each([whole, `${whole}\n`, '<A/>', '<?xml version="1.0"?><A xmlns="x"/>', `   ${whole}`])(
    'is complete: %j',
    (xml) => {
      expect(() => check(get, xml)).not.toThrow()
    },
  )

  it('is rejected wherever it was cut off', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
        // The end tag of the inner element looks like that of the outer one.
        fc.pre(!whole.slice(0, length).endsWith('</A>'))
        expect(() => check(get, whole.slice(0, length))).toThrow(malformed)
      }),
    )
  })

  it('with namespace prefixes is rejected, because the SDK would see none of the elements', () => {
    expect(() => check(get, '<A xmlns:s="x"><s:B>1</s:B></A>')).toThrow(malformed)
    expect(() => check(get, '<A xmlns:s="x"><B s:c="d:e">f:g</B></A>')).not.toThrow()
  })

  it('is not required if the call has none', () => {
    expect(() => check({ ...get, method: 'HEAD' }, '')).not.toThrow()
    expect(() => check({ ...get, method: 'PUT' }, '')).not.toThrow()
    expect(() => check({ ...get, method: 'POST', query: { restore: '' } }, '')).not.toThrow()
    expect(() => check({ ...get, query: { tagging: '' } }, '')).not.toThrow()
    expect(() => check(get, 'an error', 500)).not.toThrow()
  })

  it('is required for a copy and a batch', () => {
    expect(() => check({ ...get, method: 'PUT', headers: { 'x-amz-copy-source': 'b/k' } }, '')).toThrow(malformed)
    expect(() => check({ ...get, method: 'POST', query: { delete: '' } }, '')).toThrow(malformed)
  })
})
