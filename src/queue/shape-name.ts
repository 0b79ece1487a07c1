const mostFields = 12

/**
 * Returns a short name for the shape of a message: its fields at the top with their types, sorted. It has no values, and no field name that could be one.
 * Undefined stands for a text that is not JSON.
 */
export function nameOfShape(value: unknown): string {
  if (value === undefined) return 'not JSON'
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return typeOf(value)
  const fields = Object.entries(value)
  const named = fields.slice(0, mostFields).map(([name, field]) => `${shownName(name)}:${typeOf(field)}`)
  const more = fields.length > mostFields ? [`and ${fields.length - mostFields} more`] : []
  return `{${[...named.sort(), ...more].join(' ')}}`
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

/** Names of fields are words. A map may be keyed by account IDs, addresses or tokens, which are not shown. */
function shownName(name: string): string {
  return /^[a-z][a-z_-]{0,31}$/i.test(name.replace(/s3/i, 's')) ? name : '…'
}
