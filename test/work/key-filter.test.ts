import { describe, expect, it } from 'vitest'
import { keyFilter } from '../../src/work/key-filter.ts'

const key =
  'AWSLogs/222222222222/CloudTrail/us-east-1/2026/11/01/222222222222_CloudTrail_us-east-1_20261101T0000Z_abcdefghijklmnop.json.gz'

describe('include and exclude', () => {
  it.each([
    [[], [], true],
    [['*.json.gz'], [], true],
    [['*.csv'], [], false],
    [['*_20261101T*'], [], true],
    [['AWSLogs/*/CloudTrail/**'], [], true],
    [['AWSLogs/*'], [], false],
    [['**/us-east-1/**', '**/eu-west-1/**'], [], true],
    [[], ['**/us-east-1/**'], false],
    [['**'], ['*.json.gz'], false],
    [[], ['!*.json.gz'], true],
  ])('include %j, exclude %j: %s', (include, exclude, expected) => {
    expect(keyFilter({ include, exclude })(key)).toBe(expected)
  })
})
