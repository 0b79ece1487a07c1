/** The stamp of a file name without its closing `Z`: `20261101T1230` or `20261101T123000`. Cuts finer units. */
export function stampOf(instantMs: number, precision: 'minute' | 'second'): string {
  const iso = new Date(instantMs).toISOString()
  const minute = `${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 10)}T${iso.slice(11, 13)}${iso.slice(14, 16)}`
  return precision === 'minute' ? minute : minute + iso.slice(17, 19)
}

/** The folders of a day, with the slash: `2026/11/01/`. */
export function dayFolder(instantMs: number): string {
  const iso = new Date(instantMs).toISOString()
  return `${iso.slice(0, 4)}/${iso.slice(5, 7)}/${iso.slice(8, 10)}/`
}
