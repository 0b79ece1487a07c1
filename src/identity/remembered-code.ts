import { rememberWord } from '../secrets/masked-text.ts'

/** A code is good for a minute or so. */
const codeLifeMs = 5 * 60_000

/** The same MFA code. From now on it is masked in the words of servers and programs: who gets hold of one calls this. */
export function rememberedCode(code: string): string {
  rememberWord(code, { endsAtMs: Date.now() + codeLifeMs })
  return code
}
