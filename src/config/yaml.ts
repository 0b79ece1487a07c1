import { whereJsonEnds } from './json-end.ts'
import {
  Composer,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  stringify,
  visit,
  type Alias,
  type CST,
  type Document,
  type ErrorCode,
  type Node,
  type YAMLMap,
} from 'yaml'

import { pathKey, type Path } from './path.ts'
import type { Finding } from './problem.ts'
import { showText, showValue } from './show.ts'

/** A position in a text; both are counted from 1. */
export interface Place {
  readonly line: number
  readonly column: number
}

export interface PlacedFinding extends Finding {
  readonly place: Place
}

export interface ParsedText {
  /** Undefined if the text is empty or its syntax is broken. */
  readonly value: unknown
  readonly findings: readonly PlacedFinding[]
  /** True if `value` cannot be checked. */
  readonly broken: boolean
  /** Returns the place of a value, or of its key. If the text does not have it, the place of the nearest value around it. */
  placeOf(path: Path, on?: 'key'): Place
  /** Returns a scalar as written: `012345678901` if the value is the number 12345678901. */
  sourceOf(path: Path): string | undefined
}

/** Many times what a config needs. Stops an alias bomb. */
const maxValues = 100_000
const maxDepth = 64

/**
 * Parses one document of YAML 1.2 (with merge keys `<<`) or, if `strictJson`, of JSON. Never throws. Duplicate keys, keys that
 * are not text, a second document, unknown tags, and endless or huge aliases are findings. No finding quotes a value.
 */
export function parseYaml(text: string, strictJson = false): ParsedText {
  const lines = new LineCounter()
  const spots = new Map<string, Spot>()
  const findings: PlacedFinding[] = []
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  const report: Report = (offset, path, message, details) => {
    findings.push({ path, message, ...details, place: place(offset) })
  }
  const parsed = (value: unknown, broken: boolean): ParsedText => ({
    value,
    findings,
    broken,
    placeOf(path, on) {
      const spot = nearest(spots, path)
      return place((on === 'key' || !spot.exact ? spot.keyAt : undefined) ?? spot.at)
    },
    sourceOf: (path) => spots.get(pathKey(path))?.source,
  })

  const { tokens, tooDeepAt } = tokensOf(text, lines)
  if (tooDeepAt !== undefined) {
    report(tooDeepAt, [], 'nested too deep', { expected: `at most ${maxDepth} levels` })
    return parsed(undefined, true)
  }
  const jsonFaultAt = strictJson ? whereJsonEnds(text) : undefined
  if (jsonFaultAt !== undefined) {
    report(jsonFaultAt, [], 'not valid JSON', {
      expected: 'keys and texts in double quotes, no comments, no trailing comma',
    })
    return parsed(undefined, true)
  }
  const composer = new Composer({ prettyErrors: false, uniqueKeys: false, resolveKnownTags: false })
  const [document, second] = [...composer.compose(tokens, true, text.length)]
  for (const fault of [...(document?.errors ?? []), ...(document?.warnings ?? [])]) {
    report(fault.pos[0], [], syntaxMessages[fault.code])
  }
  if (second !== undefined) report(second.range[0], [], 'a second document', { expected: 'one document in the file' })
  if (document === undefined || findings.length > 0) return parsed(undefined, findings.length > 0)
  const value = readTree(document, spots, report)
  return parsed(value, value === stopped)
}

/** Writes a value as YAML that readers of 1.1 and 1.2 understand in the same way: every text in quotes, no anchors, no folded lines. */
export function yamlText(value: unknown): string {
  return stringify(value, {
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    aliasDuplicateObjects: false,
    lineWidth: 0,
  })
}

/** The offset of a value. `keyAt` is the offset of its key, `source` the text of a scalar. */
interface Spot {
  readonly at: number
  readonly keyAt?: number | undefined
  readonly source?: string | undefined
}

function nearest(spots: ReadonlyMap<string, Spot>, path: Path): Spot & { exact: boolean } {
  for (let length = path.length; length >= 0; length--) {
    const spot = spots.get(pathKey(path.slice(0, length)))
    if (spot !== undefined) return { ...spot, exact: length === path.length }
  }
  return { at: 0, exact: false }
}

/** Stops at too deep a level: the composer is recursive and would overflow the stack. */
function tokensOf(text: string, lines: LineCounter): { tokens: CST.Token[]; tooDeepAt?: number } {
  const parser = new Parser(lines.addNewLine)
  const tokens: CST.Token[] = []
  lines.addNewLine(0)
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    if (parser.stack.length > maxDepth) return { tokens, tooDeepAt: parser.offset }
  }
  tokens.push(...parser.end())
  return { tokens }
}

/** Returned instead of a value if there are too many values. */
const stopped = Symbol('stopped')

type Report = (offset: number, path: Path, message: string, details?: Pick<Finding, 'expected' | 'got' | 'on'>) => void

function readTree(document: Document, spots: Map<string, Spot>, report: Report): unknown {
  const targets = aliasTargets(document)
  const within = new Set<Node>()
  let values = 0
  let gaveUp = false
  const value = read(document.contents, [])
  return gaveUp ? stopped : value

  function read(node: unknown, path: Path, keyAt?: number): unknown {
    const at = offsetOf(node) ?? keyAt ?? 0
    const target = resolve(node, path)
    spots.set(pathKey(path), { at, keyAt, source: isScalar(target) ? target.source : undefined })
    if (isScalar(target)) return count(at) ? target.value : undefined
    return inside(target, path, at, () => {
      if (isSeq(target)) return target.items.map((item, index) => read(item, [...path, index]))
      return isMap(target) ? Object.fromEntries(entries(target, path)) : undefined
    })
  }

  function entries(map: YAMLMap, path: Path): Map<string, unknown> {
    const found = new Map<string, unknown>()
    const merges = map.items.filter(({ key }) => isMergeKey(key))
    for (const { value } of merges) merge(value, path, found)
    const seen = new Set<string>()
    for (const { key, value } of map.items) {
      if (isMergeKey(key)) continue
      const keyAt = offsetOf(key) ?? 0
      const name = keyName(key, keyAt, path)
      if (name === undefined) continue
      if (seen.has(name)) {
        const got = showText(JSON.stringify(name))
        report(keyAt, [...path, name], 'duplicate key', { on: 'key', got, expected: 'each key once' })
        continue
      }
      seen.add(name)
      found.set(name, read(value, [...path, name], keyAt))
    }
    return found
  }

  function merge(node: unknown, path: Path, found: Map<string, unknown>): void {
    const target = resolve(node, path)
    const at = offsetOf(node) ?? 0
    if (isSeq(target)) {
      // In a list, an earlier mapping takes precedence over a later one.
      inside(target, path, at, () => target.items.toReversed().forEach((item) => merge(item, path, found)))
    } else if (isMap(target)) {
      inside(target, path, at, () => entries(target, path).forEach((value, name) => found.set(name, value)))
    } else {
      report(at, [...path, '<<'], 'not a value that can be merged', { expected: 'a mapping, or a list of them' })
    }
  }

  function keyName(key: unknown, keyAt: number, path: Path): string | undefined {
    const name: unknown = isScalar(key) ? key.value : undefined
    if (typeof name === 'string' && name !== '__proto__') return name
    const got = isScalar(key) ? showValue(key.value, key.source) : 'a list, a mapping or an alias'
    report(keyAt, path, 'invalid key', {
      on: 'key',
      got,
      expected: 'text, in quotes if it looks like a number',
    })
    return undefined
  }

  function resolve(node: unknown, path: Path): unknown {
    if (!isAlias(node)) return node
    const target = targets.get(node)
    if (target === undefined) report(offsetOf(node) ?? 0, path, 'an alias without an anchor before it')
    return target
  }

  function inside(node: unknown, path: Path, at: number, act: () => unknown): unknown {
    if (!isNode(node) || !count(at)) return undefined
    if (within.has(node)) {
      report(at, path, 'an alias to a value that contains it')
      return undefined
    }
    within.add(node)
    const value = act()
    within.delete(node)
    return value
  }

  function count(at: number): boolean {
    values += 1
    if (values > maxValues && !gaveUp) {
      gaveUp = true
      report(at, [], 'too many values; aliases multiply them', { expected: `at most ${maxValues}` })
    }
    return !gaveUp
  }
}

/** Maps each alias to the last anchor of that name before it. */
function aliasTargets(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>()
  const targets = new Map<Alias, Node>()
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) {
        const target = anchors.get(node.source)
        if (target !== undefined) targets.set(node, target)
      } else if ('anchor' in node && typeof node.anchor === 'string') {
        anchors.set(node.anchor, node)
      }
    },
  })
  return targets
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.source === '<<'
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}

/** Our own messages, because those of the library quote the text, which may contain a secret. */
const syntaxMessages: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'an alias with an anchor or a tag of its own',
  BAD_ALIAS: 'an alias or anchor whose name is not valid',
  BAD_COLLECTION_TYPE: 'a tag that does not fit its list or mapping',
  BAD_DIRECTIVE: 'a directive that is not valid',
  BAD_DQ_ESCAPE: 'a backslash escape that YAML does not have; use single quotes to keep backslashes',
  BAD_INDENT: 'wrong indentation, or a bracket that is not closed',
  BAD_PROP_ORDER: 'an anchor or a tag in the wrong place',
  BAD_SCALAR_START: 'a value that begins with a character YAML reserves; put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a mapping inside a line; put a value with a colon in quotes, or correct the indentation',
  BLOCK_IN_FLOW: 'an indented list or mapping inside brackets',
  DUPLICATE_KEY: 'duplicate key',
  IMPOSSIBLE: 'text that is not YAML',
  KEY_OVER_1024_CHARS: 'a key of more than 1,024 characters',
  MISSING_CHAR: 'missing here: a colon, a comma, a space, a closing quote or bracket',
  MULTILINE_IMPLICIT_KEY: 'a key over more than one line; add the missing colon, or correct the indentation',
  MULTIPLE_ANCHORS: 'a second anchor for the same value',
  MULTIPLE_DOCS: 'a second document',
  MULTIPLE_TAGS: 'a second tag for the same value',
  NON_STRING_KEY: 'a key that is not text',
  RESOURCE_EXHAUSTION: 'nested too deep',
  TAB_AS_INDENT: 'a tab in the indentation; use spaces',
  TAG_RESOLVE_FAILED: 'an unknown tag; remove it',
  UNEXPECTED_TOKEN: 'text that YAML does not allow here',
}
