const looks = 10

/** The mean of some looks, because calls begin and end in bursts. */
export class LoadOfSlice {
  #sum = 0
  #count = 0

  /** Returns the mean after so many looks, and starts anew. */
  add(load: number, slices: number): number | undefined {
    if (slices === 0) return undefined
    this.#sum += load / slices
    if (++this.#count < looks) return undefined
    const mean = this.#sum / this.#count
    this.#sum = this.#count = 0
    return mean
  }
}
