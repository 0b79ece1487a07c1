const entityPattern = /&(?:(amp|lt|gt|quot|apos)|#(\d+)|#x([0-9a-fA-F]+));/g
const namedEntities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Returns the text of the first `<name>` element after `from`, with entities decoded; undefined if there is none. */
export function elementText(xml: string, name: string, from = 0): string | undefined {
  const open = `<${name}>`
  const start = xml.indexOf(open, from)
  if (start === -1) return undefined
  const end = xml.indexOf('<', start + open.length)
  if (end === -1 || !xml.startsWith(`</${name}>`, end)) return undefined
  return decodeEntities(xml.slice(start + open.length, end))
}

export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(entityPattern, (entity: string, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined) return namedEntities[name] ?? entity
    const codePoint = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(decimal, 10)
    return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : entity
  })
}
