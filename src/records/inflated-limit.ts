/** The most bytes that a log may have once it is unzipped, if nobody says. */
export const defaultMaxInflatedBytes = 1024 ** 3
