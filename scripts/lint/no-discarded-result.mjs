/**
 * Rejects a statement that calls a function only to see whether it throws. A bundler may assume that the function has no effects and remove
 * the call, and the check with it. Use the result instead.
 */
const pureFunctions = new Set([
  'atob',
  'BigInt',
  'Boolean',
  'btoa',
  'decodeURI',
  'decodeURIComponent',
  'encodeURI',
  'encodeURIComponent',
  'isFinite',
  'isNaN',
  'Number',
  'parseFloat',
  'parseInt',
  'RegExp',
  'String',
  'structuredClone',
  'Symbol',
])

/** The functions of these objects have no effect except to return or throw. */
const pureObjects = new Set(['Array', 'BigInt', 'Buffer', 'Date', 'JSON', 'Math', 'Number', 'String', 'Symbol', 'URL'])

/** Methods that return a new value and do not change the object. */
const pureMethods = new Set(['filter', 'flatMap', 'map', 'toISOString', 'toString'])

/** The expression of a statement whose value is not used. */
function* dropped(node) {
  switch (node?.type) {
    case 'UnaryExpression':
      yield* dropped(node.argument)
      break
    case 'ChainExpression':
    case 'ParenthesizedExpression':
    case 'TSNonNullExpression':
    case 'TSAsExpression':
      yield* dropped(node.expression)
      break
    case 'SequenceExpression':
      for (const part of node.expressions) yield* dropped(part)
      break
    case 'LogicalExpression':
      yield* dropped(node.right)
      break
    case 'ConditionalExpression':
      yield* dropped(node.consequent)
      yield* dropped(node.alternate)
      break
    default:
      yield node
  }
}

function isPureCall(node) {
  if (node.type === 'NewExpression') return true
  if (node.type !== 'CallExpression') return false
  const { callee } = node
  if (callee.type === 'Identifier') return pureFunctions.has(callee.name)
  if (callee.type !== 'MemberExpression' || callee.computed) return false
  const { object, property } = callee
  if (object.type === 'Identifier' && pureObjects.has(object.name)) return true
  if (object.type === 'Identifier' && object.name === 'globalThis') return pureFunctions.has(property.name)
  return pureMethods.has(property.name)
}

const rule = {
  meta: {
    type: 'problem',
    messages: {
      discarded: 'the result is dropped: a bundler may leave this out, and what it checks with it. Use the result',
    },
  },
  create: (context) => ({
    ExpressionStatement(statement) {
      for (const node of dropped(statement.expression)) {
        if (isPureCall(node)) context.report({ node, messageId: 'discarded' })
      }
    },
  }),
}

export default { meta: { name: 'crosstrail' }, rules: { 'no-discarded-result': rule } }
