import picomatch from 'picomatch'

export type KeyFilter = (key: string) => boolean

/**
 * Returns a filter for keys: a key must match one of `include`, if there are any, and none of `exclude`. `*` does not match a slash, `**`
 * does; a glob without a slash is matched against the file name.
 */
export function keyFilter({
  include,
  exclude,
}: {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}): KeyFilter {
  if (include.length === 0 && exclude.length === 0) return () => true
  const included = include.length === 0 ? () => true : anyGlob(include)
  const excluded = exclude.length === 0 ? () => false : anyGlob(exclude)
  return (key) => included(key) && !excluded(key)
}

function anyGlob(globs: readonly string[]): KeyFilter {
  const matchers = globs.map((glob) => picomatch(glob, { dot: true, nonegate: true, basename: !glob.includes('/') }))
  return (key) => matchers.some((matches) => matches(key))
}
