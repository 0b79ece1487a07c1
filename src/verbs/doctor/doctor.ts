import type { Verb } from '../verb.ts'
import type { Diagnosis } from './examine.ts'
import { doctorDefaults, type DoctorOptions } from './options.ts'

/** Tries every step of the accounts' ways in, and changes nothing. Throws `usage.…`, `interrupted`. */
export const doctor: Verb<DoctorOptions, typeof doctorDefaults, readonly Diagnosis[]> = {
  name: 'doctor',
  defaults: doctorDefaults,
  run: async (options, host) => (await import('./examine-accounts.ts')).examineAccounts(options, host),
}
