/** Splits a text into pieces of at most `room` characters, at a space if there is one. The space is dropped. */
export function wrapped(text: string, room: number): string[] {
  const pieces: string[] = []
  let rest = text
  while (rest.length > room) {
    const space = rest.lastIndexOf(' ', room)
    const at = space > 0 ? space : room
    pieces.push(rest.slice(0, at))
    rest = rest.slice(space > 0 ? at + 1 : at)
  }
  return [...pieces, rest]
}
