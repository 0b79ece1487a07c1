import { schemaAsJson, type JsonSchemaNode } from './schema.ts'

/** Returns the JSON Schema of a config file, for editors. It is made from the schema that checks files. */
export function configJsonSchema(): JsonSchemaNode {
  const { $schema, ...schema } = schemaAsJson((node, path) => {
    if (!path.includes('propertyNames')) allowReference(node)
  })
  return {
    $schema,
    $id: 'urn:crosstrail:schema:config',
    title: 'crosstrail configuration',
    description: 'The trail whose logs are retrieved, and the accounts they are retrieved with',
    ...schema,
  }
}

const limits = ['pattern', 'minLength', 'maxLength', 'enum'] as const

/** Allows a reference `${env:NAME}` too, because editors see the text before it is replaced. */
function allowReference(node: JsonSchemaNode): void {
  if (node['type'] !== 'string' || !limits.some((limit) => limit in node)) return
  const own: JsonSchemaNode = {}
  for (const limit of limits) {
    if (limit in node) own[limit] = node[limit]
    delete node[limit]
  }
  node['anyOf'] = [own, { pattern: '\\$\\{env:[A-Za-z_][A-Za-z0-9_]*\\}' }]
}
