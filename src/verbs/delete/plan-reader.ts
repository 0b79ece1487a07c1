import { createHash } from 'node:crypto'
import { CrosstrailError } from '../../error.ts'
import { parseKey } from '../../trail/key.ts'
import type { Deletion } from './deletion.ts'
import { PlannedCounter } from './plan-facts.ts'
import { type CopyRequest, copySource, type SourceCopy } from './source-copy.ts'
import { type JsonLine, jsonLine } from './file-lines.ts'
import { inTurns } from './in-turns.ts'
import { type DeletePlan, type KeptLine, type PlanHead, type PlanLine, type PlanTail, tailText } from './plan-lines.ts'

/**
 * Reads a copy of a plan to its end and checks it: the hash, that each object is a log of its trail, deleted through one of its accounts,
 * and that they are as many as it says. Signals are heard meanwhile. Throws `usage.not-a-plan`, `usage.plan-edited`, `interrupted`.
 */
export async function readPlan(copy: SourceCopy, signal: AbortSignal): Promise<DeletePlan> {
  const { file } = copy
  const hash = createHash('sha256')
  const counter = new PlannedCounter()
  let head: PlanHead | undefined
  let tail: PlanTail | undefined
  for await (const { text, ended } of inTurns(copy.lines(), file, signal)) {
    if (tail !== undefined) throw edited(file, 'something follows its last line')
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
  if (hash.update(tailText(facts)).digest('hex') !== sha256) throw edited(file, 'its hash does not fit')
  const counted = counter.facts()
  if (tailText({ ...facts, ...counted }) !== tailText(facts)) throw edited(file, 'its counts do not fit')
  return { file, sha256, head, facts }
}

/**
 * A copy of the file of a plan that was made and shown before. Throws `usage.plan-edited` if the file is no longer that plan, and what
 * `copySource` throws.
 */
export async function copyOfShown(plan: DeletePlan, request: CopyRequest): Promise<SourceCopy> {
  const copy = await copySource(plan.file, request)
  try {
    if ((await readPlan(copy, request.signal)).sha256 === plan.sha256) return copy
    throw new CrosstrailError('usage.plan-edited', `the plan ${plan.file} is not the one that was shown`, {
      hint: editedHint,
      facts: { file: plan.file },
    })
  } catch (error) {
    copy.close()
    throw error
  }
}

/** The deletions of a plan whose copy was read before, in its order. */
export function* plannedDeletions({ head }: DeletePlan, copy: SourceCopy): Generator<Deletion> {
  const { file } = copy
  let first = true
  for (const { text } of copy.lines()) {
    if (first) {
      first = false
      continue
    }
    const line = parsed(text, file, false)
    if (isTail(line) || isKept(line)) continue
    yield deletionOf(line, head, file)
  }
}

function parsed(text: string, file: string, first: boolean): JsonLine {
  const line = jsonLine(text)
  if (line === undefined) throw first ? notAPlan(file) : edited(file, 'a line is no JSON object')
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
  if (parts === undefined) throw edited(file, `${JSON.stringify(key)} is no log of its trail`)
  if (!head.accounts.includes(account)) throw edited(file, `${JSON.stringify(account)} is not among its accounts`)
  if (head.options.versions !== (versionId !== undefined))
    throw edited(file, `${JSON.stringify(key)} lacks its version`)
  if (versionId === undefined && etag === '') throw edited(file, `${JSON.stringify(key)} lacks its ETag`)
  const { logAccount, region, kind, deliveredAtMs } = parts
  const lastModifiedMs = Date.parse(lastModified)
  return {
    account,
    object: { key, sizeBytes, etag, lastModifiedMs, storageClass: 'STANDARD', logAccount, region, kind, deliveredAtMs },
    item: {
      key,
      ...(versionId !== undefined && { versionId }),
      // A version is what its id says; S3 would hold the condition against the current one.
      ...((versionId === undefined || current === true) && { etag }),
    },
  }
}

function notAPlan(file: string): CrosstrailError {
  return new CrosstrailError('usage.not-a-plan', `${file} is no plan of a delete`, {
    hint: 'to make one: crosstrail delete --older-than 400d --plan plan.ndjson',
    facts: { file },
  })
}

const editedHint = 'nothing was deleted; make a new plan, and find out who changed this one'

function edited(file: string, what: string): CrosstrailError {
  return new CrosstrailError('usage.plan-edited', `the plan ${file} is not as it was written: ${what}`, {
    hint: editedHint,
    facts: { file },
  })
}
