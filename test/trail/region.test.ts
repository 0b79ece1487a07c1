import { expect, test } from 'vitest'
import { arnPartition, isRegion, partitionOf } from '../../src/trail/region.ts'
import { regions } from './arbitrary-key.ts'

test.each(regions)('%s is a region', (region) => {
  expect(isRegion(region)).toBe(true)
})

test.each([
  '',
  'us',
  'us-east',
  'useast1',
  'US-EAST-1',
  'us-east-1a',
  'us-east-1/',
  'aws-global',
  '-east-1',
  'u-east-1',
])('"%s" is not a region', (text) => {
  expect(isRegion(text)).toBe(false)
})

test.each([
  ['us-east-1', 'aws'],
  ['eu-central-2', 'aws'],
  ['il-central-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-east-1', 'aws-us-gov'],
  ['eusc-de-east-1', 'aws-eusc'],
  ['us-iso-west-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
  ['eu-isoe-west-1', 'aws-iso-e'],
  ['us-isof-south-1', 'aws-iso-f'],
])('%s is in the partition %s', (region, partition) => {
  expect(partitionOf(region)).toBe(partition)
})

test.each([
  ['arn:aws:iam::111111111111:role/A', 'aws'],
  ['arn:aws-cn:s3:::bucket', 'aws-cn'],
  ['arn:aws-iso-b:sts::111111111111:assumed-role/A/B', 'aws-iso-b'],
  ['arn:awx:iam::111111111111:role/A', undefined],
  ['aws:iam', undefined],
  ['arn:aws', undefined],
  ['', undefined],
])('the partition of "%s" is %s', (arn, partition) => {
  expect(arnPartition(arn)).toBe(partition)
})
