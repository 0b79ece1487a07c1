/** What the counts of a summary mean whose names do not say it. */
export const skipMeanings = {
  foreign: 'objects whose keys are not those of CloudTrail logs; they are left alone',
  covered: 'logs that an earlier pull took, or that are older than --since',
} as const

/** The same for the help of a command. */
export function skipNote(...reasons: readonly (keyof typeof skipMeanings)[]): string {
  return `In the summary, ${reasons.map((reason) => `${reason} counts ${skipMeanings[reason]}`).join('. There, ')}.`
}
