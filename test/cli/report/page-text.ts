/** What a reader sees of a page: its texts, one a line. */
export function pageText(page: string): string {
  return page
    .replace(/^.*<body>/s, '')
    .replaceAll(/<(title|desc)>[^<]*<\/\1>/g, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/<\/?(?:b|a|span|code|time)\b[^>]*>/g, '')
    .replaceAll(/<[^>]*>/g, '\n')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll(/\s*\n\s*/g, '\n')
}

/** The tags of a page and the names of their attributes. Two pages with other texts have the same ones. */
export function skeleton(page: string): string[] {
  return [...page.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replaceAll(/="[^"]*"/g, ''))
}
