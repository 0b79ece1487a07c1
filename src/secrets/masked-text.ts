import { KnownSecrets, type SecretLife } from './known-secrets.ts'

// One for the whole process: errors and stderr do not belong to one run, so secrets of all runs are masked in them.
const secrets = new KnownSecrets()

/** See `KnownSecrets.addKey`. */
export function rememberKey(value: string | undefined, life?: SecretLife): void {
  secrets.addKey(value, life)
}

/** See `KnownSecrets.addWord`. */
export function rememberWord(value: string | undefined, life?: SecretLife & { readonly everywhere?: boolean }): void {
  secrets.addWord(value, life)
}

/** Masks crosstrail's own text before it leaves the process. See `KnownSecrets.mask`. */
export function maskedText(text: string): string {
  return secrets.mask(text)
}

/** The same for all text values of an object. */
export function maskedValues<Values extends Readonly<Record<string, unknown>>>(values: Values): Values {
  const masked = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'string' ? secrets.mask(value) : value,
  ])
  return Object.fromEntries(masked) as Values
}

/** Masks the text of a server or a program. See `KnownSecrets.maskForeign`. */
export function maskedForeignText(text: string): string {
  return secrets.maskForeign(text)
}
