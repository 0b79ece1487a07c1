/** A copy of a text, for what is kept. A text that was cut from another, as keys are from a listing's page, keeps all of that in memory. */
export function ownText(text: string): string {
  return Buffer.from(text).toString()
}
