/** Phrases that readers had to read twice, each with what to write in its place. A blank matches any blanks, also a line break in a comment. */
export const retiredPhrases: readonly (readonly [RegExp, string])[] = [
  [/the way in\b/, 'access'],
  [/way of getting in\b/, 'access'],
  [/in the way of/, 'failed, blocked by'],
  [/stands? still/, 'stops, is idle'],
  [/stands? (?:there|beside|behind|before|under)/, 'is'],
  [/was not answered/, 'cancelled, or: did not respond'],
  [/(?:cannot|could not|can not) go on/, 'cannot continue'],
  [/go(?:es)? on/, 'continues'],
  [/(?:is|are|was|were|be|been|being) told/, 'receives, or: crosstrail reports'],
  [/unless told otherwise/, 'by default'],
  [/what is there and right/, 'files that are already correct'],
  [/where there (?:is|are) (?:none|no\b)/, 'if there is no …'],
  [/of a request that/, 'say what the request does'],
  [/waits for nothing/, 'exits at once'],
  [/twins?/, 'identical copy'],
  [/fence[sd]?/, 'safety limit'],
  [/(?:a|the) wall(?! time| clock| seconds)/, 'limit'],
  [/comes? back/, 'returns'],
  [/came back/, 'returned, answered'],
  [/(?:brings?|brought|bringing)/, 'contains, sends, causes'],
  [/under way/, 'in progress'],
  [/anew/, 'again'],
  [/for good(?! reason)/, 'permanently'],
  [/steps? over/, 'overrides'],
  [/(?<!there )is no (?!longer|more\b|less\b|other\b)/, 'is not a'],
  [/don't know each other/, 'do not import each other'],
  [/(?:knows?|says?) nothing of/, 'does not know, does not mention'],
  [/without an answer/, 'unconfirmed'],
  [/as it should(?: be)?/, 'correctly'],
  [/(?:is|are|was|were) held against/, 'is compared with'],
  [/it is worth/, 'say what it is for'],
  [/(?:gives?|gave|given) (?:it|them|this|that|a call) up/, 'stops, aborts'],
  [/something else (?:is|was) in/, 'say what is in conflict'],
  [/(?:is|are|was|were) to be/, 'must be, will be'],
  [/left alone/, 'not touched'],
  [/lets? (?:it|them|you|nobody|somebody) in/, 'allows'],
  [/keeps? (?:accounts|them|it|you) out/, 'say why there is no access'],
  [/where (?:none|nothing|nobody) (?:is|are|has|have|does|can)/, 'if …'],
  [/where (?:it|they) (?:is|are) (?:set|given)/, 'if it is set'],
  [/takes? (?:it|them|that) back/, 'removes, undoes'],
  [/(?:is|are) wanted/, 'is required'],
  [/leads? nowhere/, 'points to nothing'],
]

/** Each retired phrase of a text that begins at a line, as `PLACE:LINE: "phrase": write …`. */
export function retiredIn(place: string, text: string, firstLine = 1): string[] {
  return retiredPhrases.flatMap(([phrase, better]) =>
    [...text.matchAll(inRunningText(phrase))].map((match) => {
      const line = firstLine + text.slice(0, match.index).split('\n').length - 1
      return `${place}:${line}: "${match[0].replaceAll(/\s+/g, ' ')}": write "${better}"`
    }),
  )
}

function inRunningText({ source }: RegExp): RegExp {
  // A line of prose may break at any blank, and the next line of a comment begins with its own marks.
  const blanks = source.replaceAll(' ', String.raw`(?:\s+(?:[#*]\s+|//\s+)?)`)
  return new RegExp(String.raw`(?<![\w-])(?:${blanks})(?![\w-])`, 'gi')
}
