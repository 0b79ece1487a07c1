import { createHash } from 'node:crypto'
import { assert, constantFrom, integer, oneof, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeText } from '../../../src/cli/render/escape.ts'
import { html, joined, styleBlock } from '../../../src/cli/render/report/html.ts'

/** Another name, because the formatter changes the blanks of templates that are called `html`. */
const markup = html

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}

function decoded(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? '')
}

describe('html', () => {
  it('no text adds a tag or ends an attribute, and every text can be read', () => {
    const any = integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code))
    const text = string({
      unit: oneof(any, constantFrom('<', '>', '&', '"', "'", '=', '/', '!', '-', '`', ';', ' ', 'a', '&lt', '😀')),
    })
    assert(
      property(text, (value) => {
        const { text: page } = markup`<p title="${value}">${value}</p>`
        const match = /^<p title="([^<>"]*)">([^<>]*)<\/p>$/.exec(page)
        expect(match?.slice(1).map(decoded)).toEqual([escapeText(value), escapeText(value)])
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['</style>', '&lt;/style&gt;'],
    [']]>', ']]&gt;'],
    ['"\'&', '&quot;&#39;&amp;'],
    ['&lt;', '&amp;lt;'],
    ['a\nb', String.raw`a\x0ab`],
    ['a\u202eb', String.raw`a\u{202e}b`],
    ['a\ud800b', String.raw`a\u{d800}b`],
    ['\u0000', String.raw`\x00`],
  ])('escapes %j', (text, escaped) => {
    expect(markup`${text}`.text).toBe(escaped)
  })

  it('keeps markup, and the contents of lists', () => {
    expect(markup`<ul>${['<', markup`<li>${1}</li>`, [undefined, false]]}</ul>`.text).toBe('<ul>&lt;<li>1</li></ul>')
  })

  it('puts a separator between contents', () => {
    expect(markup`${joined([markup`<b>a</b>`, 'b', 'c'], ', ')}`.text).toBe('<b>a</b>, b, c')
  })

  it('keeps no indents of its source', () => {
    const { text } = markup`
      <p>
        a
      </p>`
    expect(text).toBe('\n<p>\na\n</p>')
  })

  it('a policy can allow exactly the style block', () => {
    const css = 'a>b{color:red}'
    const { block, source } = styleBlock(css)
    expect(block.text).toBe(`<style>${css}</style>`)
    expect(source.text).toBe(`'sha256-${createHash('sha256').update(css).digest('base64')}'`)
  })
})
