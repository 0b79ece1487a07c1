import { join } from 'node:path'
import { coverageDamaged, coverageFileName, readCoverageFile } from '../../disk/coverage-file.ts'
import { isAccountId } from '../../trail/account-id.ts'
import { kinds } from '../../trail/kind.ts'
import type { CoverageBody } from './coverage.ts'
import { isEventFilesMemory } from '../../sinks/event-files.ts'
import { isEventIdMemory } from '../../sinks/event-ids.ts'

/**
 * Returns the coverage of a state folder, or undefined if there is none. Throws `coverage.damaged`, `coverage.newer`, `disk.…`.
 * It also checks the shape, because a checksum does not prove that crosstrail wrote the file.
 */
export function readCoverage(stateFolder: string): CoverageBody | undefined {
  const value = readCoverageFile(stateFolder)
  if (value === undefined) return undefined
  const place = wrongPlace(value)
  if (place === undefined) return value as CoverageBody
  throw coverageDamaged(join(stateFolder, coverageFileName), `has a correct checksum but invalid content: ${place}`)
}

type Fields = Readonly<Record<string, unknown>>
type Test = (value: unknown) => boolean

const isText: Test = (value) => typeof value === 'string'
const isInstant: Test = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value))
const isCount: Test = (value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isSpan: Test = (value) => typeof value === 'number' && value >= 0
const isTexts: Test = (value) => Array.isArray(value) && value.every(isText)
const isName: Test = (value) => typeof value === 'string' && /^[^/]+$/.test(value)
const isKind: Test = (value) => kinds.some((kind) => kind === value)
const isLogAccount: Test = (value) => typeof value === 'string' && isAccountId(value)

const may =
  (test: Test): Test =>
  (value) =>
    value === undefined || test(value)
const each =
  (test: Test): Test =>
  (value) =>
    isObject(value) && Object.values(value).every(test)
const shape =
  (fields: Readonly<Record<string, Test>>): Test =>
  (value) =>
    isObject(value) && wrongField(value, fields) === undefined

const bodyFields: Readonly<Record<string, Test>> = {
  trail: shape({ bucket: isText, prefix: isText, organization: may(isText) }),
  since: isInstant,
  target: may(isText),
  discovered: may(shape({ at: isInstant, scope: isText })),
  uncheckedDigests: may(isTexts),
  verified: may(each(each(isInstant))),
  sink: may(
    shape({
      files: isEventFilesMemory,
      ids: isEventIdMemory,
    }),
  ),
  streams: Array.isArray,
}

const streamFields: Readonly<Record<string, Test>> = {
  logAccount: isLogAccount,
  region: isName,
  kind: isKind,
  through: may(isInstant),
  swept: may(isInstant),
  newest: may(isInstant),
  newestListed: may(isInstant),
  longestGapMs: isSpan,
  objects: isCount,
  bytes: isCount,
  lastNew: may(isInstant),
  lastSweep: may(isInstant),
  owed: each(shape({ stamp: isInstant, why: (why) => why === 'failed' || why === 'archived' })),
  missing: each(isInstant),
  seen: each(isTexts),
}

/** Returns the path of the first value that `Coverage.format` does not write, such as `streams[3].seen`. */
function wrongPlace(value: unknown): string | undefined {
  if (!isObject(value)) return 'whole'
  const field = wrongField(value, bodyFields)
  if (field !== undefined) return field
  const streams = value['streams'] as readonly unknown[]
  for (const [at, stream] of streams.entries()) {
    const wrong = isObject(stream) ? wrongField(stream, streamFields) : ''
    if (wrong !== undefined) return `streams[${at}]${wrong === '' ? '' : `.${wrong}`}`
  }
  return undefined
}

function wrongField(value: Fields, fields: Readonly<Record<string, Test>>): string | undefined {
  return Object.keys(fields).find((name) => fields[name]?.(value[name]) !== true)
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
