/** By default V8 lets the heap grow to three times the live data before it collects, and most of a listing's page is garbage. */
export const heapFlags = '--heap-growing-percent=100'
