import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { axisShapes } from '../../../src/cli/render/report/map/axis.ts'
import { accountDrawing } from '../../../src/cli/render/report/map/drawing.ts'
import { mapAccounts } from '../../../src/cli/render/report/map/map-accounts.ts'
import { mapSection } from '../../../src/cli/render/report/map/map-section.ts'
import { runsOf } from '../../../src/cli/render/report/map/runs.ts'
import { stateLooks } from '../../../src/cli/render/report/map/states.ts'
import { html } from '../../../src/cli/render/report/html.ts'
import { accountId, cells, heatMap, letters, stepsFrom } from './map-fixture.ts'
import { pageText } from './page-text.ts'

const account = accountId(1)

function mapOf(text: string, step: 'day' | 'week' = 'day') {
  const states = cells(text)
  return heatMap(step, stepsFrom('2026-11-02', states.length, step), [
    { logAccount: account, region: 'eu-west-1', states, logs: 3, bytes: 4 },
  ])
}

function drawingOf(text: string, step: 'day' | 'week' = 'day', titled = true): string {
  const map = mapOf(text, step)
  const [first] = mapAccounts(map)
  return first === undefined ? '' : accountDrawing(first, map, { titled }).text
}

describe('the heat map', () => {
  it('merges equal neighbors, and loses no step', () => {
    assert(
      property(array(constantFrom(...Object.keys(letters)), { minLength: 1, maxLength: 60 }), (row) => {
        const runs = runsOf(row.join(''), letters)
        const again = runs.flatMap(({ state, from, until }) => Array.from({ length: until - from }, () => state))
        expect(again).toEqual(row.map((letter) => letters[letter as keyof typeof letters]))
        expect(runs.some(({ state }, at) => state === runs[at + 1]?.state)).toBe(false)
      }),
    )
  })

  it('draws one path for each state of a row', () => {
    expect(
      drawingOf('4d 2q 2d 2- 2d')
        .replaceAll(/ +/g, ' ')
        .match(/<path[^>]*>/g),
    ).toEqual([
      '<path class="delivered" d="M0 10h4m2 0h2m2 0h2" />',
      '<path class="quiet" stroke-width="1.5" d="M4 13.25h2" />',
    ])
  })

  it('says the days of each problem if a mouse points at it', () => {
    expect(drawingOf('1d 2m 1d 1l')).toContain('<title>eu-west-1: missing from 2026-11-03 to 2026-11-04</title>')
    expect(drawingOf('1d 2m 1d 1l')).toContain('<title>eu-west-1: late on 2026-11-06</title>')
    expect(drawingOf('1d 1m', 'week')).toContain('<title>eu-west-1: missing from 2026-11-09 to 2026-11-15</title>')
    expect(drawingOf('1d 2m 1d 1l', 'day', false)).not.toContain('<title>eu-west-1')
  })

  it('is described for screen readers', () => {
    const drawing = drawingOf('1d 2m 1d 1l')
    expect(drawing).toContain(`aria-label="Log account ${account}: 2 days missing and 1 day late"`)
    expect(drawing).toContain(
      '<desc>1 region from top to bottom, one day after the other from left to right. In all: 2 days missing, 1 day late and 2 days delivered.</desc>',
    )
  })

  it('each state has its own shape', () => {
    const shapes = Object.values(stateLooks).map(({ bars }) => JSON.stringify(bars))
    expect(new Set(shapes).size).toBe(shapes.length)
  })

  it('refuses a letter without a state', () => {
    expect(() => mapAccounts({ ...mapOf('1d'), letters: {} })).toThrow('the map has no state for the letter "d"')
  })

  it('labels days, or months if there are several', () => {
    const labels = (count: number, step: 'day' | 'week') =>
      [...axisShapes(mapOf(`${count}d`, step), 1).text.matchAll(/<text[^>]*>([^<]*)/g)].map(([, text]) => text)
    expect(labels(9, 'day')).toEqual(['2026-11-02', '2026-11-05', '2026-11-08'])
    expect(labels(1, 'day')).toEqual(['2026-11-02'])
    expect(labels(53, 'week')).toEqual(['2026-11', '2027-03', '2027-07'])
  })

  it('has a table with how many days of each state every row has', () => {
    const text = pageText(
      html`<body>
        ${mapSection(mapOf('1d 2m 1d 1l')).body}
      </body>`.text,
    )
    expect(text).toContain('Log account\nRegion\nMissing\nLate\nDelivered\nLogs\nBytes\n')
    expect(text).toContain(`${account}\neu-west-1\n2\n1\n2\n3\n4 B\n`)
  })

  it('explains each state, with its number and its share', () => {
    const text = pageText(
      html`<body>
        ${mapSection(mapOf('1d 2m 1d 1l 2-')).body}
      </body>`.text,
    )
    expect(text).toContain('Missing A proven digest')
    expect(text).toMatch(/Late\s?S3 received a log more than an hour after the time in its name\.\n1\n20\.0%/)
    expect(text).toMatch(/Not in scope\s?The day is before the first log[^\n]*\n2\n–/)
  })

  it('says so if there is nothing', () => {
    const text = pageText(
      html`<body>
        ${mapSection(heatMap('day', [], [])).body}
      </body>`.text,
    )
    expect(text.trim()).toBe('No log and no digest was found in the window, so there is no map.')
  })
})
