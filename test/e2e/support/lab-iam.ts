import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { AccountId } from '../../../src/trail/account-id.ts'
import type { Lab } from '../../../src/lab/lab.ts'
import type { PolicyDocument } from '../../../src/lab/evaluate-policy.ts'

export interface LabIam extends AsyncDisposable {
  /** The program `aws` for a folder of the PATH. It does to the lab what the AWS CLI does to IAM. */
  readonly program: string
  readonly calls: string[]
}

/** IAM of the lab for an administrator's `aws iam …`. It supports what the printed scripts use, and fails for the rest. */
export async function startLabIam(lab: Lab, admins: Readonly<Record<string, AccountId>>): Promise<LabIam> {
  const calls: string[] = []
  /** The role of each profile, '' for none. */
  const profiles = new Map<string, string>()
  const users = [lab.principals.bAudit, lab.principals.zAudit].map(({ user }) => user)

  const run = (account: AccountId, [service = '', operation = '', ...rest]: readonly string[]): string | undefined => {
    const option = (name: string): string => rest[rest.indexOf(`--${name}`) + 1] ?? ''
    const document = (name: string) => JSON.parse(option(name)) as PolicyDocument
    const role = lab.iam.role(`arn:aws:iam::${account}:role/${option('role-name')}`)
    const call = `${service} ${operation}`
    if (call === 'sts get-caller-identity') return account
    if (call === 'iam get-role') return role && ''
    if (call === 'iam get-instance-profile') return profiles.get(option('instance-profile-name'))
    calls.push(call)
    switch (call) {
      case 'iam create-role':
        lab.iam.addRole({ account, name: option('role-name'), trust: document('assume-role-policy-document') })
        return ''
      case 'iam update-assume-role-policy':
        if (role === undefined) return undefined
        role.trust = document('policy-document')
        return ''
      case 'iam put-role-policy':
        role?.policies.push(document('policy-document'))
        return role && ''
      case 'iam put-user-policy': {
        const user = users.find((one) => one.account === account && one.name === option('user-name'))
        user?.policies.push(document('policy-document'))
        return user && ''
      }
      case 'iam create-instance-profile':
        profiles.set(option('instance-profile-name'), '')
        return ''
      case 'iam add-role-to-instance-profile':
        // IAM allows one role per profile
        if (role === undefined || profiles.get(option('instance-profile-name')) !== '') return undefined
        profiles.set(option('instance-profile-name'), option('role-name'))
        return ''
      case 'ec2 associate-iam-instance-profile':
        return profiles.has(option('iam-instance-profile').replace('Name=', '')) ? '' : undefined
      default:
        return undefined
    }
  }

  const server = createServer((request, response) => {
    const respond = async (): Promise<void> => {
      const asked = JSON.parse(await text(request)) as { readonly profile: string; readonly args: readonly string[] }
      const account = admins[asked.profile]
      const answer = account === undefined ? undefined : run(account, asked.args)
      response.writeHead(answer === undefined ? 400 : 200).end(answer)
    }
    respond().catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    calls,
    program: `#!${process.execPath}
const read = (arg) => (arg === 'file:///dev/stdin' ? require('node:fs').readFileSync(0, 'utf8') : arg)
const body = JSON.stringify({ profile: process.env.AWS_PROFILE ?? '', args: process.argv.slice(2).map(read) })
fetch('${address}', { method: 'POST', body }).then(async (answer) => {
  process.stdout.write(await answer.text())
  process.exitCode = answer.ok ? 0 : 254
})
`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
