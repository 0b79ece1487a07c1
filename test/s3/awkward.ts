/** Keys that are easily mistreated in a signature, a path, a query or an XML document. */
export const awkward = [
  'a b',
  'a+b',
  '100%',
  '%41',
  'ünïcödé/日本',
  '🪵',
  'a//b',
  'a/../b',
  './c',
  "quote'd",
  'amp&lt<',
  'tab\tend',
  'star*',
  'eq=1&x',
] as const
