import { readFileSync } from 'node:fs'

import { expect, it } from 'vitest'

import { configJsonSchema } from '../../src/config/json-schema.ts'

const file = new URL('../../config/crosstrail.schema.json', import.meta.url)

it('the published schema is the one that checks files', () => {
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(configJsonSchema())
})

it('describes every field', () => {
  expect(fieldsWithoutDescription(configJsonSchema())).toEqual([])
})

it('allows no unknown keys in mappings with fields', () => {
  const open = nodesOf(configJsonSchema()).filter(
    (node) => 'properties' in node && node['additionalProperties'] !== false,
  )
  expect(open).toEqual([])
})

it('allows a reference to the environment for every text with a limit', () => {
  const limited = nodesOf(configJsonSchema()).filter((node) => node['type'] === 'string' && 'anyOf' in node)
  expect(limited.length).toBeGreaterThan(15)
  for (const { anyOf } of limited) {
    const patterns = (anyOf as { pattern?: string }[]).map(({ pattern }) => new RegExp(pattern ?? '^$', 'u'))
    expect(patterns.some((pattern) => pattern.test('${env:NAME}'))).toBe(true)
  }
})

it('allows the same labels as loading', () => {
  const accounts = configJsonSchema()['properties'] as { accounts: { propertyNames: { pattern: string } } }
  const pattern = new RegExp(accounts.accounts.propertyNames.pattern, 'u')
  expect(['B', '-B', 'a b', '${env:B}'].map((label) => pattern.test(label))).toEqual([true, false, false, false])
})

type Node = Record<string, unknown>

function nodesOf(value: unknown): Node[] {
  if (typeof value !== 'object' || value === null) return []
  const inside = Object.values(value).flatMap(nodesOf)
  return Array.isArray(value) ? inside : [value as Node, ...inside]
}

function fieldsWithoutDescription(schema: Node): string[] {
  return nodesOf(schema)
    .flatMap((node) => Object.entries((node['properties'] ?? {}) as Record<string, Node>))
    .filter(([, field]) => typeof field['description'] !== 'string')
    .map(([name]) => name)
}
