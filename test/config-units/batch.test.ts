import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { refuseLine, unitsFolder } from './unit-files.ts'

const file = join(unitsFolder, 'batch/job-definition.json')

interface Definition {
  readonly parameters: Readonly<Record<string, string>>
  readonly containerProperties: {
    readonly command: readonly string[]
    readonly mountPoints: readonly { readonly containerPath: string }[]
    readonly environment: readonly { readonly name: string; readonly value: string }[]
  }
}

const { parameters, containerProperties } = JSON.parse(readFileSync(file, 'utf8')) as Definition

test('crosstrail accepts the command of the job, with its parameters, in each job of the array', async () => {
  const args = containerProperties.command.map((word) =>
    word.startsWith('Ref::') ? (parameters[word.slice('Ref::'.length)] ?? word) : word,
  )
  const env = { AWS_BATCH_JOB_ARRAY_INDEX: '15', AWS_BATCH_JOB_ARRAY_SIZE: '16' }
  expect(args).toContain('--shard=auto')
  expect(await refuseLine(args, env)).toBeUndefined()
  expect(await refuseLine(args)).toContain('--shard is auto')
})

test('the config and the journals are on the volume', () => {
  const [mount] = containerProperties.mountPoints
  const texts = [...containerProperties.command, ...containerProperties.environment.map(({ value }) => value)]
  expect(mount?.containerPath).toBe('/data')
  expect(texts.filter((text) => text.includes('/data/'))).toEqual([
    '--journal-dir=/data/journals',
    '/data/crosstrail.yaml',
  ])
})
