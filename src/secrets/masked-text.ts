import { KnownSecrets, type SecretLife } from './known-secrets.ts'

/*
 * One for the whole process: text leaves it by ways that know of no run (an error, stderr), and a secret of another run in it must be
 * masked as well.
 */
const secrets = new KnownSecrets()

/** See `KnownSecrets.addKey`. */
export function rememberKey(value: string | undefined, life?: SecretLife): void {
  secrets.addKey(value, life)
}

/** See `KnownSecrets.addWord`. */
export function rememberWord(value: string | undefined, life?: SecretLife & { readonly everywhere?: boolean }): void {
  secrets.addWord(value, life)
}

/** Crosstrail's own text as it may leave the process: see `KnownSecrets.mask`. */
export function maskedText(text: string): string {
  return secrets.mask(text)
}

/** The same for those of named values that are text. */
export function maskedValues<Values extends Readonly<Record<string, unknown>>>(values: Values): Values {
  const masked = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'string' ? secrets.mask(value) : value,
  ])
  return Object.fromEntries(masked) as Values
}

/** The words of a server or a program as they may be shown: see `KnownSecrets.maskForeign`. */
export function maskedForeignText(text: string): string {
  return secrets.maskForeign(text)
}
