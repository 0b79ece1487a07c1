// Preloaded into the command: a Node without MD5, as OpenSSL leaves it under FIPS.
const crypto = require('node:crypto')
const { syncBuiltinESMExports } = require('node:module')

const { createHash, hash } = crypto

function refuseMd5(algorithm) {
  if (!/^md5$/i.test(algorithm)) return
  const error = new Error('error:0308010C:digital envelope routines::unsupported')
  throw Object.assign(error, { code: 'ERR_OSSL_EVP_UNSUPPORTED', reason: 'unsupported' })
}

crypto.createHash = (algorithm, ...rest) => {
  refuseMd5(algorithm)
  return createHash(algorithm, ...rest)
}
crypto.hash = (algorithm, ...rest) => {
  refuseMd5(algorithm)
  return hash(algorithm, ...rest)
}
crypto.getFips = () => 1
syncBuiltinESMExports()
