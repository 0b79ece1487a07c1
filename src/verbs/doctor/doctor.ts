import type { Verb } from '../verb.ts'
import type { Diagnosis } from './examine.ts'
import { doctorDefaults, type DoctorOptions } from './options.ts'

/** Checks the access of accounts step by step, and changes nothing. Throws `usage.…`, `interrupted`. */
export const doctor: Verb<DoctorOptions, typeof doctorDefaults, readonly Diagnosis[]> = {
  name: 'doctor',
  defaults: doctorDefaults,
  run: async (options, host) => (await import('./examine-accounts.ts')).examineAccounts(options, host),
}
