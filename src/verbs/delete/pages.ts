/** The wanted items, `size` at a time. */
export async function* pagesOf<T>(
  items: AsyncIterable<T>,
  isWanted: (item: T) => boolean,
  size: number,
): AsyncGenerator<readonly T[]> {
  let page: T[] = []
  for await (const item of items) {
    if (!isWanted(item) || page.push(item) < size) continue
    yield page
    page = []
  }
  if (page.length > 0) yield page
}
