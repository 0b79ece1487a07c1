import { parseAst } from 'rolldown/parseAst'

export interface SourceText {
  readonly line: number
  readonly text: string
}

/** What a source can print: its string literals and templates of more than one word, with `…` for each inserted value. */
export function textsOfSource(source: string): SourceText[] {
  const texts: SourceText[] = []
  visit(parseAst(source, { lang: 'ts' }))
  return texts

  function visit(node: unknown): void {
    if (Array.isArray(node)) return node.forEach(visit)
    if (!isNode(node) || node.type === 'TSLiteralType' || node.type === 'ImportDeclaration') return
    const text = textOf(node)
    if (text !== undefined && /\S\s+\S/.test(text)) {
      texts.push({ line: source.slice(0, node.start).split('\n').length, text })
    }
    for (const [name, child] of Object.entries(node)) {
      // A quasi is part of its template.
      if (name !== 'quasis' && !(text !== undefined && (name === 'left' || name === 'right'))) visit(child)
    }
  }
}

interface Node {
  readonly type: string
  readonly start: number
  readonly [field: string]: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

/** The text of a literal, a template, or a sum of these. */
function textOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  if (node.type === 'Literal') return typeof node['value'] === 'string' ? node['value'] : undefined
  if (node.type === 'TemplateLiteral') {
    const parts = node['quasis'] as readonly { readonly value: { readonly cooked: string | null } }[]
    return parts.map(({ value }) => value.cooked ?? '').join('…')
  }
  if (node.type !== 'BinaryExpression' || node['operator'] !== '+') return undefined
  const [left, right] = [textOf(node['left']), textOf(node['right'])]
  return left === undefined && right === undefined ? undefined : `${left ?? '…'}${right ?? '…'}`
}
