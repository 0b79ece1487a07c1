import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadText, withLines } from '../config/written.ts'

const root = resolve(import.meta.dirname, '../..')
const page = readFileSync(join(root, 'docs/CONFIGURATION.md'), 'utf8')
const schema: unknown = JSON.parse(readFileSync(join(root, 'config/crosstrail.schema.json'), 'utf8'))

const examples = [...page.matchAll(/```yaml\n([^`]*)```/g)].map(([, text = '']) => text)
/** Lines of an account alone are put into one. */
const whole = (text: string): string => (text.includes('trail:') ? text : withLines(text.trimEnd().split('\n')))
const env = { Z_EXTERNAL_ID: 'external-id-of-z', HUB_EXTERNAL_ID: 'external-id-of-hub' }
const accountsOf = (text: string) => loadText(whole(text), env).accounts

test('the page has examples', () => {
  expect(examples.length).toBeGreaterThan(10)
})

test.each(examples.map((text) => [text.split('\n')[0], text]))('the example that begins with %j loads', (_, text) => {
  expect(accountsOf(text ?? '')).not.toEqual([])
})

test('every credential source has an example', () => {
  const types = new Set(examples.flatMap((text) => accountsOf(text).map(({ credentials }) => credentials.type)))
  expect([...types].toSorted()).toEqual(['chain', 'ec2', 'ecs', 'env', 'process', 'profile', 'sso', 'webIdentity'])
})

describe('every key of the JSON Schema is on the page:', () => {
  test.each([...new Set(keysOf(schema))].filter((key) => key !== '$schema'))('%s', (key) => {
    expect(page).toMatch(new RegExp(`\`${key}\`|\\b${key}:`))
  })
})

/** The names of all properties, at any depth. */
function keysOf(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([name, value]: [string, unknown]) =>
    name === 'properties' ? [...Object.keys(value as object), ...keysOf(value)] : keysOf(value),
  )
}
