/** Enough of a secret to know it by. */
const encodedBytes = 24

/**
 * How the Base64 of a text that holds `value` may begin to say it: by how many bytes stand before it, and with either alphabet. What
 * the bytes beside it decide is left out.
 */
export function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value).subarray(0, encodedBytes)
  const forms = [0, 1, 2].map((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), bytes])
    const first = Math.ceil((before * 8) / 6)
    return padded.toString('base64').slice(first, Math.floor((padded.length * 8) / 6))
  })
  return [...new Set([...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))])]
}
