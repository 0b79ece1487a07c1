import { isAscii } from 'node:buffer'

/** What V8 keeps in its young generation; a longer text is mapped into memory by itself, and the faults of that take ten times the copy. */
const usualPieceBytes = 96 * 1024

/** The text of a listing's page in pieces, each cut before a `<Contents>`. Keys come URL-encoded, so that nearly all of it is ASCII. */
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
