import { formatPath, type Path } from '../../config/path.ts'
import type { Finding } from '../../config/problem.ts'
import { showText, showValue } from '../../config/show.ts'
import { CrosstrailError } from '../../error.ts'
import type { Draft } from './draft.ts'
import { flagOfField } from './init-args.ts'

/** Throws `usage.invalid-value`, with the flag, for the first field that is given and wrong. Missing fields are not an error here. */
export function refuseWrong(draft: Draft, fromProfile: string | undefined): void {
  const wrong = draft
    .findings()
    .find(({ path, message }) => message !== 'missing' && path.length > 1 && draft.has(path))
  if (wrong !== undefined) throw wrongField(draft, wrong, fromProfile)
}

/** The text of a finding, without the value. */
export function findingText({ message, expected }: Finding): string {
  const words = [message === 'wrong value' ? undefined : message, expected && `expected ${expected}`]
  return words.filter(Boolean).join(', ')
}

function wrongField(draft: Draft, finding: Finding, fromProfile: string | undefined): CrosstrailError {
  const { path, got, expected } = finding
  const isLabel = path.length === 2 && path[0] === 'accounts'
  const flag = isLabel ? '--label' : flagOfField[String(path[path[0] === 'accounts' ? 2 : 1])]
  const shown = isSecret(path, draft.at(path)) ? 'not valid' : (got ?? showValue(draft.at(path)))
  const told = fromProfile === undefined || flag === undefined
  const message = `${flag ?? formatPath(path)} is ${shown}, ${findingText(finding)}`
  return new CrosstrailError('usage.invalid-value', message, {
    hint: told ? undefined : `if the value is from the AWS profile ${showText(fromProfile)}, ${flag} overrides it`,
    facts: { option: flag, field: formatPath(path), expected },
  })
}

/** External IDs, MFA codes given as a device, and fields of `credentials`, where somebody may have pasted a key. */
function isSecret(path: Path, value: unknown): boolean {
  const isCode = path.at(-1) === 'mfa' && /^\W*\d(\W?\d){5}\W*$/.test(String(value))
  return isCode || path.at(-1) === 'externalId' || (path.includes('credentials') && path.at(-1) !== 'role')
}
