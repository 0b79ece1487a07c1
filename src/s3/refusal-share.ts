export class RefusalShare {
  calls = 0
  refused = 0

  add(answered: number, refused: number): void {
    this.calls += answered + refused
    this.refused += refused
  }

  /** The share, 0 to 1; 0 if there are no calls. */
  get value(): number {
    return this.calls === 0 ? 0 : this.refused / this.calls
  }

  /** The upper bound of the true share, since these calls may have been lucky. */
  get most(): number {
    return this.calls === 0 ? 1 : Math.min(1, (this.refused + 2 * Math.sqrt(this.refused + 1)) / this.calls)
  }

  /** Returns whether more than `most` of the calls above `base` are refused, and not just by chance. */
  isBeyond(base: number, most: number): boolean {
    const byChance = 3 * Math.sqrt(this.calls * base * (1 - base) + 1)
    return this.refused - this.calls * base > byChance && (this.value - base) / (1 - base) > most
  }
}
