/** Escapes the text of an XML element or attribute. Control characters become references, as S3 writes them, although XML 1.0 forbids them. */
export function escapeXml(text: string): string {
  return needsEscape.test(text)
    ? text.replace(escaped, (character) => references[character] ?? reference(character))
    : text
}

/** Returns `<name>text</name>`, escaped; empty if there is no text. */
export function element(name: string, text: string | number | boolean | undefined): string {
  return text === undefined ? '' : `<${name}>${escapeXml(String(text))}</${name}>`
}

export function xmlDocument(root: string): Buffer {
  return Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${root}`)
}

/** Returns the text of the first element of that name, unescaped. Enough for the few documents that clients send. */
export function textOf(xml: string, name: string): string | undefined {
  const match = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)
  return match?.[1] === undefined ? undefined : unescapeXml(match[1])
}

/** Returns the content of each element of that name. */
export function insidesOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`, 'g'))].map((match) => match[1] ?? '')
}

const needsEscape = /[&<>"\u0000-\u0008\u000B-\u001F\uFFFE\uFFFF]/
const escaped = /[&<>"\u0000-\u0008\u000B-\u001F\uFFFE\uFFFF]/g
const references: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const characters: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function reference(character: string): string {
  return `&#x${character.charCodeAt(0).toString(16)};`
}

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal))
    return characters[name ?? ''] ?? whole
  })
}
