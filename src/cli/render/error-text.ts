import { configProblems } from '../../config/problem.ts'
import { CrosstrailError } from '../../error.ts'
import { maskedForeignText } from '../../secrets/masked-text.ts'
import type { OutputFormat } from '../options/output.ts'
import type { Paint } from './colour.ts'
import { escapeLines, safeJson } from './escape.ts'

/** An error for stderr: for `json` one object on one line, else lines for people. An unknown error is a bug, so its stack is shown. */
export function errorText(error: unknown, format: OutputFormat, paint: Paint): string {
  if (format === 'json') return safeJson({ error: errorRecord(error) })
  if (!(error instanceof CrosstrailError)) return bugText(error, paint)
  const lines = [`${paint('red', 'crosstrail:')} ${escapeLines(error.message)}`]
  lines.push(...causeMessages(error).map((message) => `  because ${escapeLines(message)}`))
  if (error.hint !== undefined) lines.push(`${paint('bold', 'hint:')} ${escapeLines(error.hint)}`)
  return lines.join('\n')
}

export function errorRecord(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof CrosstrailError)) return { code: 'bug', message: messageOf(error), stack: stackOf(error) }
  const causes = causeMessages(error)
  const problems = configProblems(error)
  return {
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    facts: error.facts,
    ...(causes.length === 0 ? {} : { causes }),
    ...(problems.length === 0 ? {} : { problems }),
  }
}

function bugText(error: unknown, paint: Paint): string {
  return [
    `${paint('red', 'crosstrail:')} this is a bug in crosstrail: ${escapeLines(messageOf(error))}`,
    escapeLines(stackOf(error) ?? ''),
    `${paint('bold', 'hint:')} report it with the lines above, after you have checked that they contain nothing private`,
  ].join('\n')
}

const deepestCause = 8

/** The messages of the causes, without those that the message above already contains. */
function causeMessages(error: CrosstrailError): string[] {
  const messages: string[] = []
  let above = error.message
  let cause: unknown = error.cause
  for (let depth = 0; depth < deepestCause && cause instanceof Error; depth++) {
    const message = maskedForeignText(cause.message)
    if (message !== '' && !above.includes(message)) messages.push(message)
    above = message
    cause = cause.cause
  }
  return messages
}

function messageOf(error: unknown): string {
  return maskedForeignText(error instanceof Error ? error.message : String(error))
}

function stackOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause) ?? ''}` : ''
  return `${maskedForeignText(error.stack ?? error.message)}${cause}`
}
