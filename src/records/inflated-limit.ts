/** The default limit of a log's size after decompression, in bytes. */
export const defaultMaxInflatedBytes = 1024 ** 3
