/** Labels of accounts. They appear on command lines, in tables and in session names. */
export const labelPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
export const labelExpected = 'a label: up to 64 letters, digits and ._-, beginning with a letter or digit'

/** Names of session tags, by the reference of AssumeRole. AWS reserves those that begin with `aws:`. */
export const tagNamePattern = /^(?![Aa][Ww][Ss]:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u
export const tagNameExpected = '1 to 128 letters, digits, spaces and _.:/=+-@, not beginning with aws:'
