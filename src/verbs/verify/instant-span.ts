/** `2026-11-30T14:01:31Z to 2026-11-30T15:01:31Z`. */
export function instantSpan(startMs: number, endMs: number): string {
  return `${instant(startMs)} to ${instant(endMs)}`
}

function instant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}
