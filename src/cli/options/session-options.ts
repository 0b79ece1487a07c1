import { flag, grouped, single } from '../option.ts'
import { mfaCode } from '../parse-text.ts'

export const sessionOptions = grouped('Session', {
  'no-session-policy': flag(
    'Do not narrow the session to what the command needs. For roles whose own policies allow no session policy',
  ),
  'mfa-code': single('digits', 'The six digits of the MFA device, where an account asks for them', mfaCode),
})
