import { wrongValue } from '../../config/text-value.ts'
import type { DeliveryPlace } from './digest-name.ts'

/** Reads a place of `movedFrom`: `s3://bucket` and what its keys begin with. Throws `usage.invalid-value`. */
export function movedFromPlace(text: string): DeliveryPlace {
  const [, bucket, path = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(text) ?? []
  if (bucket === undefined) throw wrongValue('movedFrom', text, 's3://bucket/prefix')
  const prefix = path.replaceAll(/^\/+|\/+$/g, '')
  if (prefix === '') return { bucket, base: '' }
  return { bucket, base: `${prefix}/` }
}
