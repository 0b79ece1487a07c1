/**
 * Functions that throw for invalid input, although the bundler assumes that they have no effects. The bundler removes a call whose result is
 * not used, and so removes the check. It does not remove a call of an object's method. Its only option for this keeps all unused code.
 */
export const keptCalls = Object.fromEntries(
  ['decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'String.fromCodePoint'].map((name) => [
    name,
    `globalThis.${name}`,
  ]),
)
