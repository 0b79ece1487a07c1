/**
 * Functions that throw for what they cannot take, and that the bundler takes for ones without effects: it leaves out a call whose result
 * is not used, and with it the check that the call was made for. It leaves a function of an object alone. It has no option for this but
 * to keep all code that is never called.
 */
export const keptCalls = Object.fromEntries(
  ['decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'String.fromCodePoint'].map((name) => [
    name,
    `globalThis.${name}`,
  ]),
)
