import { isAscii } from 'node:buffer'

/** The size that V8 keeps in its young generation. A longer text gets its own memory mapping, and its page faults take ten times as long as the copy. */
const usualPieceBytes = 96 * 1024

/** Returns the text of a listing page in pieces. Each but the first begins with `<Contents>`. Keys are URL-encoded, so nearly all of it is ASCII. */
export function pageText(body: Buffer, pieceBytes = usualPieceBytes): string[] {
  const pieces: string[] = []
  for (let from = 0; from < body.length || pieces.length === 0;) {
    const to = pieceEnd(body, from, from + pieceBytes)
    const piece = body.subarray(from, to)
    pieces.push(piece.toString(isAscii(piece) ? 'latin1' : 'utf8'))
    from = to
  }
  return pieces
}

function pieceEnd(body: Buffer, from: number, enough: number): number {
  if (enough >= body.length) return body.length
  const before = body.lastIndexOf('<Contents>', enough)
  if (before > from) return before
  const behind = body.indexOf('<Contents>', enough)
  return behind === -1 ? body.length : behind
}
