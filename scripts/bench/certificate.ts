import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

/** Paths of PEM files. */
export interface Certificate {
  /** The authority that clients are to trust. */
  readonly authorityFile: string
  readonly certificateFile: string
  readonly keyFile: string
}

/**
 * Makes an authority and a server's certificate that it signed, both EC P-256 and valid for two days, in a folder. `names` are host names,
 * IP addresses among them. Throws if openssl 3 is missing or fails.
 */
export function makeCertificate(folder: string, names: readonly string[]): Certificate {
  const [authorityFile, authorityKey] = [join(folder, 'authority.pem'), join(folder, 'authority.key')]
  const [certificateFile, keyFile] = [join(folder, 'server.pem'), join(folder, 'server.key')]
  const alternatives = names.map((name) => `${/^[\d.]+$/.test(name) ? 'IP' : 'DNS'}:${name}`).join(',')
  const authority = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign']
  make({ name: 'crosstrail bench authority', keyFile: authorityKey, file: authorityFile, extensions: authority })
  const server = [`subjectAltName=${alternatives}`, 'basicConstraints=critical,CA:FALSE', 'extendedKeyUsage=serverAuth']
  make({ name: 'crosstrail bench', keyFile, file: certificateFile, extensions: server }, [
    '-CA',
    authorityFile,
    '-CAkey',
    authorityKey,
  ])
  // Tools are configured to trust this authority, so nobody may sign with it again.
  rmSync(authorityKey)
  return { authorityFile, certificateFile, keyFile }
}

interface Made {
  readonly name: string
  readonly keyFile: string
  readonly file: string
  readonly extensions: readonly string[]
}

/** Signed by itself, or by the authority that `signer` names. */
function make({ name, keyFile, file, extensions }: Made, signer: readonly string[] = []): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile]
  const kind = ['req', '-x509', '-days', '2', '-subj', `/CN=${name}`, ...signer]
  const added = extensions.flatMap((extension) => ['-addext', extension])
  execFileSync('openssl', [...kind, ...key, '-out', file, ...added], { stdio: ['ignore', 'ignore', 'pipe'] })
}
