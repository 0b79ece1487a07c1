export class RefusalShare {
  calls = 0
  refused = 0

  add(answered: number, refused: number): void {
    this.calls += answered + refused
    this.refused += refused
  }

  /** 0 to 1; 0 of no calls. */
  get value(): number {
    return this.calls === 0 ? 0 : this.refused / this.calls
  }

  /** What the share may be in truth, at most: these calls may have been lucky. */
  get most(): number {
    return this.calls === 0 ? 1 : Math.min(1, (this.refused + 2 * Math.sqrt(this.refused + 1)) / this.calls)
  }

  /** Whether, of the calls that are not refused anyway, more than `most` are refused, and not by chance. */
  isBeyond(base: number, most: number): boolean {
    const byChance = 3 * Math.sqrt(this.calls * base * (1 - base) + 1)
    return this.refused - this.calls * base > byChance && (this.value - base) / (1 - base) > most
  }
}
