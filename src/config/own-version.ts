import { ownFile } from '../loader/own-file.ts'

export function version(): string {
  const text = ownFile('package.json', () => new URL('../../package.json', import.meta.url)).toString()
  return (JSON.parse(text) as { readonly version: string }).version
}
