/** Numbers in `[0, 1)`, the same for the same seed. */
export type Random = () => number

/** Mulberry32: small, fast, and good enough for faults and sample logs. It makes no secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Returns a whole number in `[0, below)`. */
export function randomIndex(random: Random, below: number): number {
  return Math.floor(random() * below)
}

export function pick<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[randomIndex(random, items.length)] ?? items[0]
}

export function randomText(random: Random, alphabet: string, length: number): string {
  let text = ''
  for (let index = 0; index < length; index += 1) text += alphabet.charAt(randomIndex(random, alphabet.length))
  return text
}

export function randomUuid(random: Random): string {
  const hex = randomText(random, '0123456789abcdef', 30)
  const variant = '89ab'.charAt(randomIndex(random, 4))
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-${variant}${hex.slice(15, 18)}-${hex.slice(18)}`
}
