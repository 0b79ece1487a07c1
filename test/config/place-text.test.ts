import { expect, test } from 'vitest'
import { commandList } from '../../src/cli/command-list.ts'
import type { ParseText } from '../../src/config/text-value.ts'
import { filePath, folderOrS3Url, folderPath, s3Url } from '../../src/config/place-text.ts'
import { CrosstrailError } from '../../src/error.ts'

const folder = folderPath((url) => `use ${url}`)
const s3 = s3Url((path) => `use ${path}`)

test.each([
  ['./logs', folder],
  ['/var/lib/logs', folder],
  ['C:\\logs', folder],
  ['C:/logs', folder],
  ['./s3:/logs', folder],
  ['logs-2026:11:01', folder],
  ['-', filePath],
  ['s3://bucket/prefix', s3],
  ['./logs', folderOrS3Url],
  ['s3://bucket', folderOrS3Url],
])('%s is accepted unchanged', (text, parse) => {
  expect(parse(text, '--to')).toBe(text)
})

test.each<[string, ParseText<string>, string | undefined]>([
  ['s3://bucket/prefix', folder, 'use s3://bucket/prefix'],
  ['S3://bucket', folder, 'use s3://bucket'],
  ['s3:/bucket', folder, 'use s3://bucket'],
  ['arn:aws:s3:::bucket/prefix', folder, 'use s3://bucket/prefix'],
  ['file:///var/log s', folder, "write the path alone: '/var/log s'"],
  ['file:logs', filePath, 'write the path alone: logs'],
  [
    'https://example.com/logs',
    folder,
    'if this is the name of a path on this machine, write ./https://example.com/logs',
  ],
  ['gs://bucket', filePath, 'if this is the name of a path on this machine, write ./gs://bucket'],
  ['./logs', s3, 'use ./logs'],
  ['bucket', s3, 'use bucket'],
  ['file:///logs', s3, 'use /logs'],
  ['./logs', s3Url(), undefined],
  ['s3:/bucket', s3, 'write it as s3://bucket'],
  ['arn:aws-cn:s3:::bucket/p', s3, 'write it as s3://bucket/p'],
  ['https://bucket.s3.amazonaws.com', s3, 'crosstrail supports S3 buckets and folders on this machine'],
  ['s3://', s3, undefined],
  ['gs://bucket', folderOrS3Url, 'crosstrail supports S3 buckets and folders on this machine'],
  ['S3://bucket', folderOrS3Url, 'write it as s3://bucket'],
  ['file:///logs', folderOrS3Url, 'write the path alone: /logs'],
])('%s is refused, and the hint says what to do', (text, parse, hint) => {
  const wrong = errorOf(() => parse(text, '--to'))
  expect(wrong).toMatchObject({ code: 'usage.invalid-value', hint, facts: { option: '--to', value: text } })
  expect(wrong?.message).toContain(`--to is ${JSON.stringify(text)}, expected `)
})

const places = commandList.flatMap((command) =>
  Object.entries(command.options)
    .filter(([, { value = '' }]) => /^(?:folder|file|target|s3)/.test(value))
    .map(([name, option]) => ({ name: `${command.name} --${name}`, option })),
)

test.each(places)('$name refuses an unsupported address', ({ option }) => {
  for (const text of ['gs://bucket/logs', 'https://example.com/logs.prom']) {
    expect(errorOf(() => option.read([text], '--it', {}))).toMatchObject({ code: 'usage.invalid-value' })
  }
})

test('all options that take a place are tested', () => {
  expect(places.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'download --to',
      'copy --to',
      'pull --to',
      'pull --state',
      'delete --plan',
      'creds --copy-to',
    ]),
  )
})

function errorOf(act: () => unknown): CrosstrailError | undefined {
  try {
    act()
  } catch (error) {
    if (error instanceof CrosstrailError) return error
    throw error
  }
  return undefined
}
