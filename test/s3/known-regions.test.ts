import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { isKnownRegion, knownRegions } from '../../src/s3/known-regions.ts'
import { isRegion } from '../../src/trail/region.ts'

test.each(['us-east-1', 'eu-central-2', 'us-gov-west-1', 'cn-north-1', 'eusc-de-east-1'])('%s is known', (region) => {
  expect(isKnownRegion(region)).toBe(true)
  expect(knownRegions()).toContain(region)
})

test.each(['us-esat-1', 'us-east-9', 'mars-north-1', 'cn-east-1', ''])('%j is not known', (region) => {
  expect(isKnownRegion(region)).toBe(false)
})

test('the proposed regions are all that the SDK has data for', () => {
  const file = createRequire(import.meta.url).resolve('@aws-sdk/core/package.json')
  const data = join(dirname(file), 'dist-es/submodules/client/util-endpoints/lib/aws/partitions.js')
  const names = [...readFileSync(data, 'utf8').matchAll(/"([a-z\d-]+)": \{/g)].map(([, name = '']) => name)
  const regions = names.filter(isRegion)
  expect(regions.length).toBeGreaterThan(30)
  expect([...knownRegions()].sort()).toEqual(regions.sort())
})
