import { CrosstrailError } from '../../error.ts'
import { passwordVariable, type RedisAddress } from './redis-address.ts'

/**
 * Returns an error of Redis or of its client as a CrosstrailError. The original is dropped, because it carries the command that failed, with the
 * password.
 */
export function redisError(error: unknown, { shown }: Pick<RedisAddress, 'shown'>): CrosstrailError {
  if (error instanceof CrosstrailError) return error
  const { message, code } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) }
  const [word = ''] = message.split(' ')
  if (word === 'WRONGPASS' || word === 'NOAUTH' || /without any password configured/.test(message)) {
    return new CrosstrailError('fleet.refused', `the Redis at ${shown} refuses the user or the password: ${message}`, {
      hint: `set ${passwordVariable} to the password, and name the user in the URL: redis://user@host`,
    })
  }
  if (word === 'NOPERM') {
    return new CrosstrailError('fleet.refused', `the Redis at ${shown} does not allow a command: ${message}`, {
      hint: 'give the user these rules: ~crosstrail:* +@all -@dangerous +info',
    })
  }
  // Redis refuses a transaction as a whole if its memory is full.
  if (word === 'EXECABORT' || word === 'READONLY' || word === 'MISCONF' || word === 'OOM') {
    return new CrosstrailError('fleet.full', `the Redis at ${shown} takes no more writes: ${message}`, {
      hint: 'use the primary, give it more memory or disk space, and run the command again',
    })
  }
  if (code !== undefined && /CERT|SIGNATURE|ISSUER/.test(code)) {
    return new CrosstrailError('fleet.untrusted', `the certificate of the Redis at ${shown} is not trusted: ${code}`, {
      hint: 'set NODE_EXTRA_CA_CERTS to a file with the certificate of its authority',
    })
  }
  return new CrosstrailError('fleet.unreachable', `the Redis at ${shown} does not answer: ${code ?? message}`, {
    hint: 'check that it runs, and that the host, the port and redis:// or rediss:// are right',
  })
}

/** Whether a new attempt cannot help. */
export function isLasting(error: CrosstrailError): boolean {
  return error.code === 'fleet.refused' || error.code === 'fleet.untrusted'
}
