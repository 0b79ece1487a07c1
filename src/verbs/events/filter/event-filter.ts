import type { EventRecord } from '../../../records/record.ts'
import { filterTexts, type FilterField } from './fields.ts'
import { addressLiteral, addressMatcher } from './ip-pattern.ts'
import { needleOf, type Needle } from './needle.ts'
import { literalOf, patternMatcher, type TextPattern } from './text-pattern.ts'

/** What a record must have in one field. Plain data. */
export interface Condition {
  readonly field: FilterField
  /** At least one text of the field must match one of these patterns. If there are none, any text matches. */
  readonly any: readonly TextPattern[]
  /** No text of the field may match any of these patterns. */
  readonly none: readonly TextPattern[]
}

/** A condition that is ready to be applied. */
export interface CompiledCondition {
  readonly matches: (record: EventRecord) => boolean
  /**
   * Each record that matches has at least one of these in its bytes, unless it has `\u` or `\/`. Undefined if only parsing the record can
   * tell.
   */
  readonly needles: readonly Needle[] | undefined
}

export function compileCondition({ field, any, none }: Condition): CompiledCondition {
  const { values } = filterTexts[field]
  const wanted = any.map((pattern) => matcherOf(field, pattern))
  const unwanted = none.map((pattern) => matcherOf(field, pattern))
  const needles = any.flatMap((pattern) => needlesOf(field, pattern))
  return {
    matches(record) {
      let isFound = wanted.length === 0
      for (const text of values(record)) {
        if (unwanted.some((matches) => matches(text))) return false
        isFound ||= wanted.some((matches) => matches(text))
        if (isFound && unwanted.length === 0) return true
      }
      return isFound
    },
    needles: needles.length > 0 && needles.every((needle) => needle !== undefined) ? needles : undefined,
  }
}

function matcherOf(field: FilterField, pattern: TextPattern): (text: string) => boolean {
  switch (field) {
    case 'ip':
      return addressMatcher(pattern)
    case 'contains':
      return (text) => text.includes(pattern)
    case 'eventSource':
      return patternMatcher(sourceName(pattern))
    default:
      return patternMatcher(pattern)
  }
}

function needlesOf(field: FilterField, pattern: TextPattern): (Needle | undefined)[] {
  switch (field) {
    case 'readOnly':
      return [undefined]
    case 'contains':
      return [isPartOfNumber(pattern) ? undefined : needleOf({ text: pattern, isWhole: false })]
    case 'ip': {
      const literal = addressLiteral(pattern)
      return [literal && needleOf(literal)]
    }
    case 'eventSource':
      return [textNeedle(field, sourceName(pattern))]
    case 'error':
      // `*` finds any error, so the name of the field must be there.
      return [/^\*+$/.test(pattern) ? needleOf({ text: 'errorCode', isWhole: true }) : textNeedle(field, pattern)]
    case 'user':
      // A record of the root user has the type `Root`, and may have no text `root`.
      return [
        textNeedle(field, pattern),
        ...(patternMatcher(pattern)('root') ? [needleOf({ text: 'Root', isWhole: true })] : []),
      ]
    default:
      return [textNeedle(field, pattern)]
  }
}

function textNeedle(field: FilterField, pattern: TextPattern): Needle | undefined {
  const { text, isWhole } = literalOf(pattern)
  return needleOf({ text, isWhole: isWhole && filterTexts[field].isWholeString })
}

/** Numbers are compared as text too, and JSON can write one number in several ways. A number that is too large is read as Infinity. */
function isPartOfNumber(text: string): boolean {
  return /^[-+.\deE]*$/.test(text) || '-Infinity'.includes(text)
}

/** Completes a short name: `s3` stands for `s3.amazonaws.com`. */
function sourceName(pattern: TextPattern): TextPattern {
  return /[.*?]/.test(pattern) ? pattern : `${pattern}.amazonaws.com`
}
