/** What counts of a summary mean, if their names do not say it. */
export const skipMeanings = {
  foreign: 'objects whose keys are not keys of CloudTrail logs; they are not touched',
  unverified: 'objects that no signature of CloudTrail proves, or that differ from what it proves',
  covered: 'logs that an earlier pull has pulled, or that are older than --since',
} as const

/** The same as a note for the help of a command. */
export function skipNote(...reasons: readonly (keyof typeof skipMeanings)[]): string {
  return `In the summary, ${reasons.map((reason) => `${reason} counts ${skipMeanings[reason]}`).join('. There, ')}.`
}
