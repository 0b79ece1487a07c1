import { describe, expect, it } from 'vitest'
import { statesWorstFirst } from '../../../src/cli/render/report/map/states.ts'
import { colours } from '../../../src/cli/render/report/style/colours.ts'

/** The colors by their names, of the light and of the dark page. */
const schemes = [...colours.matchAll(/:root\{([^}]*)\}/g)]
  .slice(0, 2)
  .map(
    ([, block]) => new Map([...String(block).matchAll(/--([\w-]+):(#\w+)/g)].map(([, name, color]) => [name, color])),
  )

/** The relative luminance of WCAG 2. */
function luminance(color: string): number {
  const digits = color.length === 4 ? color.replaceAll(/(\w)/g, '$1$1') : color
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(digits.slice(at, at + 2), 16) / 255
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * Number(red) + 0.7152 * Number(green) + 0.0722 * Number(blue)
}

function contrast(one: string | undefined, other: string | undefined): number {
  const [dark, bright] = [luminance(String(one)), luminance(String(other))].sort((a, b) => a - b)
  return (Number(bright) + 0.05) / (Number(dark) + 0.05)
}

const texts = [
  ...['ink', 'soft', 'link'].flatMap((text) => ['page', 'paper'].map((back) => [text, back] as const)),
  ...['good', 'bad', 'warn'].flatMap((tone) => [[tone, 'paper'] as const, [tone, `${tone}-back`] as const]),
  ...['good-back', 'bad-back', 'warn-back', 'faint'].map((back) => ['ink', back] as const),
  ['link', 'bad-back'] as const,
]
const shapes = [
  ...statesWorstFirst
    .filter((state) => state !== 'none')
    .flatMap((state) => ['paper', 'faint'].map((back) => [state, back] as const)),
  ['bar', 'faint'] as const,
]

describe.each([
  ['light', schemes[0]],
  ['dark', schemes[1]],
] as const)('the %s colors', (_, colors) => {
  it.each(texts)('%s is readable as text on %s', (text, back) => {
    expect(contrast(colors?.get(text), colors?.get(back))).toBeGreaterThanOrEqual(4.5)
  })

  it.each(shapes)('%s is visible as a shape on %s', (shape, back) => {
    expect(contrast(colors?.get(shape), colors?.get(back))).toBeGreaterThanOrEqual(3)
  })
})
