import { createHash } from 'node:crypto'
import { CrosstrailError } from '../../error.ts'
import { parseKey } from '../../trail/key.ts'
import type { Host } from '../host.ts'
import { journalFolder } from '../journal-folder.ts'
import type { Deletion } from './deletion.ts'
import { type JsonLine, jsonLine } from '../../disk/file-lines.ts'
import type { ReadPlanOptions } from './options.ts'
import { PlannedCounter } from './plan-facts.ts'
import { type DeletePlan, type KeptLine, type PlanHead, type PlanLine, type PlanTail, tailText } from './plan-lines.ts'
import { type CopyRequest, copySource, type SourceCopy } from './source-copy.ts'

/** A plan that was read, with its copy. */
export type ReadDeletePlan = DeletePlan & { readonly copy: SourceCopy }

export async function openPlan({ file, journalDir }: ReadPlanOptions, host: Host): Promise<DeletePlan> {
  const { env, signal, whenClosed } = host
  const copy = await copySource(file, { stateFolder: journalFolder(journalDir, env), signal })
  whenClosed(() => copy.close())
  return readPlan(copy, signal)
}

/**
 * Reads a copy of a plan to its end and checks its hash and its counts, and that each object is a log of its trail and is deleted through
 * one of its accounts. Throws `usage.not-a-plan`, `usage.plan-edited`, `interrupted`.
 */
export async function readPlan(copy: SourceCopy, signal: AbortSignal): Promise<ReadDeletePlan> {
  const { file } = copy
  const hash = createHash('sha256')
  const counter = new PlannedCounter()
  let head: PlanHead | undefined
  let tail: PlanTail | undefined
  for await (const { text, ended } of copy.lines(signal)) {
    if (tail !== undefined) throw edited(file, 'there is more text after its last line')
    const line = parsed(text, file, head === undefined)
    if (head === undefined) {
      if (!isHead(line)) throw notAPlan(file)
      head = line
    } else if (isTail(line)) {
      tail = line
      continue
    } else if (!isKept(line)) {
      const { account, object } = deletionOf(line, head, file)
      counter.add(account, object, object.sizeBytes)
    }
    if (!ended) throw edited(file, 'its last line is cut off')
    hash.update(`${text}\n`)
  }
  if (head === undefined) throw notAPlan(file)
  if (tail === undefined) throw edited(file, 'its last line is missing')
  const { sha256, ...facts } = tail
  if (hash.update(tailText(facts)).digest('hex') !== sha256) throw edited(file, 'its hash does not match')
  const counted = counter.facts()
  if (tailText({ ...facts, ...counted }) !== tailText(facts)) throw edited(file, 'its counts do not match')
  return { file, sha256, head, facts, copy }
}

/**
 * Reads the file of a plan that was just made. Throws `usage.plan-edited` if the file is no longer that plan, and what `copySource`
 * throws.
 */
export async function readShown(plan: DeletePlan, request: CopyRequest): Promise<ReadDeletePlan> {
  const copy = await copySource(plan.file, request)
  try {
    const read = await readPlan(copy, request.signal)
    if (read.sha256 === plan.sha256) return read
    throw new CrosstrailError('usage.plan-edited', `the plan ${plan.file} is not the plan that was shown`, {
      hint: editedHint,
      facts: { file: plan.file },
    })
  } catch (error) {
    copy.close()
    throw error
  }
}

/** The deletions of a plan, in its order. */
export async function* plannedDeletions({ head, copy }: ReadDeletePlan, signal: AbortSignal): AsyncGenerator<Deletion> {
  const { file } = copy
  let isFirst = true
  for await (const { text } of copy.lines(signal)) {
    const line = isFirst ? undefined : parsed(text, file, false)
    isFirst = false
    if (line !== undefined && !isTail(line) && !isKept(line)) yield deletionOf(line, head, file)
  }
}

function parsed(text: string, file: string, isFirst: boolean): JsonLine {
  const line = jsonLine(text)
  if (line === undefined) throw isFirst ? notAPlan(file) : edited(file, 'a line is not a JSON object')
  return line
}

function isHead(line: JsonLine): line is JsonLine & PlanHead {
  return (
    line['plan'] === 'crosstrail delete' &&
    line['version'] === 1 &&
    ['trail', 'selection', 'options'].every((name) => typeof line[name] === 'object' && line[name] !== null) &&
    Array.isArray(line['accounts'])
  )
}

function isTail(line: JsonLine): line is JsonLine & PlanTail {
  return typeof line['sha256'] === 'string'
}

function isKept(line: JsonLine): line is JsonLine & KeptLine {
  return typeof line['kept'] === 'string'
}

function isPlanLine(line: JsonLine): line is JsonLine & PlanLine {
  return (
    ['account', 'key', 'etag', 'lastModified'].every((name) => typeof line[name] === 'string') &&
    typeof line['sizeBytes'] === 'number' &&
    (line['versionId'] === undefined || typeof line['versionId'] === 'string')
  )
}

function deletionOf(line: JsonLine, head: PlanHead, file: string): Deletion {
  if (!isPlanLine(line)) throw edited(file, 'a line lacks a field')
  const { account, key, etag, sizeBytes, lastModified, versionId, current } = line
  const parts = parseKey(key, head.trail)
  if (parts === undefined) throw edited(file, `${JSON.stringify(key)} is not a log of its trail`)
  if (!head.accounts.includes(account)) throw edited(file, `${JSON.stringify(account)} is not among its accounts`)
  if (head.options.versions !== (versionId !== undefined))
    throw edited(file, `${JSON.stringify(key)} lacks its version`)
  if (versionId === undefined && etag === '') throw edited(file, `${JSON.stringify(key)} lacks its ETag`)
  return {
    account,
    object: { key, sizeBytes, etag, lastModifiedMs: Date.parse(lastModified), storageClass: 'STANDARD', ...parts },
    item: {
      key,
      ...(versionId !== undefined && { versionId }),
      // A version id names its version for good. S3 would compare the ETag with the current version instead.
      ...((versionId === undefined || current === true) && { etag }),
    },
  }
}

function notAPlan(file: string): CrosstrailError {
  return new CrosstrailError('usage.not-a-plan', `${file} is not a plan of a delete`, {
    hint: 'to make one: crosstrail delete --older-than 400d --plan plan.ndjson',
    facts: { file },
  })
}

const editedHint = 'nothing was deleted; make a new plan, and find out who changed this one'

function edited(file: string, what: string): CrosstrailError {
  return new CrosstrailError('usage.plan-edited', `the plan ${file} was changed: ${what}`, {
    hint: editedHint,
    facts: { file },
  })
}
