/** A line of a manual page, with requests of the man macros and escaped text. */
export type RoffLine = string

const escapes: Readonly<Record<string, string>> = {
  '\\': String.raw`\(rs`,
  // A plain hyphen may become a typographic one, which breaks a copied option.
  '-': String.raw`\-`,
  "'": String.raw`\(aq`,
  '"': String.raw`\(dq`,
  '`': String.raw`\(ga`,
  '^': String.raw`\(ha`,
  '~': String.raw`\(ti`,
}

/** Escapes text so that it is shown as it is, also at the start of a line and as an argument of a macro. Line breaks become blanks. */
export function roffText(text: string): string {
  const escaped = text
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(/[\\\-'"`^~]/g, (character) => escapes[character] ?? character)
    .replaceAll(/[^\u0000-\u007e]/gu, (character) => {
      const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      return `\\[u${hex}]`
    })
  // A line that starts with a dot is a request.
  return escaped.startsWith('.') ? String.raw`\&${escaped}` : escaped
}

export function bold(text: string): string {
  return String.raw`\fB${roffText(text)}\fR`
}

export function italic(text: string): string {
  return String.raw`\fI${roffText(text)}\fR`
}

export function section(title: string, lines: readonly RoffLine[]): RoffLine[] {
  return lines.length === 0 ? [] : [`.SH "${roffText(title)}"`, ...lines]
}

export function subsection(title: string, lines: readonly RoffLine[]): RoffLine[] {
  return [`.SS "${roffText(title)}"`, ...lines]
}

/** A term with its description, which is indented. Both are escaped already. */
export function item(term: RoffLine, ...description: readonly RoffLine[]): RoffLine[] {
  return ['.TP', term, ...description]
}

export function paragraphs(texts: readonly string[]): RoffLine[] {
  return texts.flatMap((text, at) => (at === 0 ? sentences(text) : ['.PP', ...sentences(text)]))
}

const widest = 78

/** Each sentence begins a line, as roff expects: it then sets the space between sentences. Long lines are folded at blanks. */
export function sentences(text: string): RoffLine[] {
  return text.split(/(?<=[.?!]) (?=\S)/).flatMap(folded)
}

function folded(text: string): RoffLine[] {
  return text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(roffText)
    .reduce<RoffLine[]>((lines, word) => {
      const last = lines.at(-1)
      if (last === undefined || last.length + 1 + word.length > widest) lines.push(word)
      else lines.splice(-1, 1, `${last} ${word}`)
      return lines
    }, [])
}

/** A command line that is not filled. */
export function commandLine(line: string): RoffLine[] {
  return ['.RS 4', '.nf', bold(line), '.fi', '.RE']
}
