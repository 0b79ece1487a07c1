import { flag, single } from '../option.ts'
import { mfaCode } from '../parse-text.ts'

const group = 'Session'

export const sessionOptions = {
  'no-session-policy': flag({
    group,
    description:
      'Do not narrow the session to what the command needs. For roles whose own policies allow no session policy',
  }),
  'mfa-code': single(
    { group, value: 'digits', description: 'The six digits of the MFA device, where an account asks for them' },
    mfaCode,
  ),
}
