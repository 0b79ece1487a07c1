import { type ParseText, wrongValue } from '../../config/text-value.ts'
import type { ListenAddress } from '../../daemon/health-server.ts'

/** `9464`, `127.0.0.1:9464` or `[::1]:9464`. */
export const listenAddress: ParseText<ListenAddress> = (text, name) => {
  const [, bracketed, plain, digits] = /^(?:(?:\[([\da-f:.]+)\]|([\w.-]+)):)?(\d{1,5})$/i.exec(text) ?? []
  const port = Number(digits ?? Number.NaN)
  if (!(port <= 65_535))
    throw wrongValue(name, text, 'a port like 9464, or host:port like 127.0.0.1:9464 or [::1]:9464')
  return { host: bracketed ?? plain ?? '127.0.0.1', port }
}
