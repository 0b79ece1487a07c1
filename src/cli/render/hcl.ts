export type HclFields = Readonly<Record<string, unknown>>

/** A reference, a type or a call. */
interface HclExpression {
  readonly lines: readonly string[]
}

/** A reference or a type, written unchanged: `var.name`. */
export function hclExpression(text: string): HclExpression {
  return { lines: [text] }
}

/** A function call: `jsonencode({ … })`. */
export function hclCall(name: string, value: unknown): HclExpression {
  const [first = '', ...others] = hclLines(value)
  const last = others.pop()
  return { lines: last === undefined ? [`${name}(${first})`] : [`${name}(${first}`, ...others, `${last})`] }
}

/** A block as `terraform fmt` writes it, except for the alignment of `=`. `more` are lines before its end. */
export function hclBlock(
  labels: readonly string[],
  fields: HclFields,
  more: readonly string[] = [],
): readonly string[] {
  const [type = '', ...names] = labels
  return [
    `${[type, ...names.map((name) => JSON.stringify(name))].join(' ')} {`,
    ...Object.entries(fields).flatMap(([name, value]) => indented(prefixed(`${name} = `, hclLines(value)))),
    ...more,
    '}',
  ]
}

function hclLines(value: unknown): readonly string[] {
  if (isExpression(value)) return value.lines
  if (typeof value === 'string') return [hclText(value)]
  if (Array.isArray(value)) {
    if (value.length === 1) return brackets(hclLines(value[0]))
    return ['[', ...value.flatMap((item) => indented(suffixed(hclLines(item), ','))), ']']
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined)
    return ['{', ...entries.flatMap(([key, item]) => indented(prefixed(`${hclText(key)} = `, hclLines(item)))), '}']
  }
  return [String(value)]
}

/** In a text of HCL, `${` and `%{` start a template, so they are doubled. */
function hclText(text: string): string {
  return JSON.stringify(text)
    .replaceAll('${', () => '$${')
    .replaceAll('%{', () => '%%{')
}

function isExpression(value: unknown): value is HclExpression {
  return typeof value === 'object' && value !== null && 'lines' in value
}

function brackets(lines: readonly string[]): readonly string[] {
  return suffixed(prefixed('[', lines), ']')
}

function prefixed(prefix: string, [first = '', ...others]: readonly string[]): readonly string[] {
  return [`${prefix}${first}`, ...others]
}

function suffixed(lines: readonly string[], suffix: string): readonly string[] {
  return lines.map((line, index) => (index === lines.length - 1 ? `${line}${suffix}` : line))
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => (line === '' ? line : `  ${line}`))
}
