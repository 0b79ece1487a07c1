import picomatch from 'picomatch'

export type KeyFilter = (key: string) => boolean

const globOptions = { dot: true, basename: true, nonegate: true }

/**
 * Whether a key is selected: it matches one of `include`, or there is none, and matches none of `exclude`.
 * `*` stays within a folder, `**` crosses folders; a glob without a slash is matched against the file name.
 */
export function keyFilter({
  include,
  exclude,
}: {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}): KeyFilter {
  if (include.length === 0 && exclude.length === 0) return () => true
  const included = include.length === 0 ? () => true : picomatch([...include], globOptions)
  const excluded = exclude.length === 0 ? () => false : picomatch([...exclude], globOptions)
  return (key) => included(key) && !excluded(key)
}
