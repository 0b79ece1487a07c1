import { CrosstrailError } from '../error.ts'
import { anyText, type ParseText, wrongValue } from './text-value.ts'
import { shellWord } from '../trail/shell-word.ts'

/** Returns what to do instead, for a value that names a place of the other kind. */
export type Instead = (text: string) => string

/** A folder on this machine. Throws for an address, which would otherwise become the name of a new folder. */
export function folderPath(forBucket?: Instead): ParseText<string> {
  return localPath('a folder on this machine', forBucket)
}

/** A file on this machine. Throws for an address. */
export const filePath: ParseText<string> = localPath('a file on this machine')

/** `s3://bucket…`. The verb checks the bucket and the prefix. Throws for a folder, and for an address of another kind. */
export function s3Url(forFolder?: Instead): ParseText<string> {
  return (text, name) => {
    if (/^s3:\/\/[^/]/.test(anyText(text, name))) return text
    const folder = fileUrlPath(text) ?? (isAddress(text) ? undefined : text)
    const hint = s3Spelling(text) ?? (folder === undefined ? otherAddress(text) : forFolder?.(folder))
    throw wrongPlace(name, text, 's3://bucket/prefix', hint)
  }
}

export const folderOrS3Url: ParseText<string> = (text, name) => {
  if (!isAddress(anyText(text, name)) || /^s3:\/\/[^/]/.test(text)) return text
  const hint = plainPath(text) ?? s3Spelling(text) ?? otherAddress(text)
  throw wrongPlace(name, text, 'a folder on this machine or s3://bucket/prefix', hint)
}

function localPath(expected: string, forBucket?: Instead): ParseText<string> {
  return (text, name) => {
    if (!isAddress(anyText(text, name))) return text
    const isBucket = /^(?:s3:|arn:)/i.test(text)
    const hint = plainPath(text) ?? (isBucket ? forBucket?.(s3Text(text)) : undefined)
    const literal = `if this is the name of a path on this machine, write ${shellWord(`./${text}`)}`
    throw wrongPlace(name, text, expected, hint ?? literal)
  }
}

/** `s3:x`, `file:x`, `arn:x` and `anything://x`. A single letter before the colon is a Windows drive. */
function isAddress(text: string): boolean {
  return /^(?:(?:s3|file|arn):|[a-z][a-z\d+.-]+:\/)/i.test(text)
}

function otherAddress(text: string): string | undefined {
  return /^s3:/i.test(text) ? undefined : 'crosstrail supports S3 buckets and folders on this machine'
}

function fileUrlPath(text: string): string | undefined {
  return /^file:(?:\/\/(?:localhost)?)?(.+)$/is.exec(text)?.[1]
}

function plainPath(text: string): string | undefined {
  const path = fileUrlPath(text)
  return path === undefined ? undefined : `write the path alone: ${shellWord(path)}`
}

function s3Spelling(text: string): string | undefined {
  const meant = s3Text(text)
  return /^s3:\/\/[^/]/.test(meant) ? `write it as ${shellWord(meant)}` : undefined
}

/** Corrects an S3 ARN, `S3://…` and `s3:/…` to `s3://…`. */
function s3Text(text: string): string {
  return text.replace(/^(?:arn:[^:]*:s3:::|s3:\/*)/i, 's3://')
}

function wrongPlace(name: string, text: string, expected: string, hint: string | undefined): CrosstrailError {
  const { code, message, facts } = wrongValue(name, text, expected)
  return new CrosstrailError(code, message, { hint, facts })
}
