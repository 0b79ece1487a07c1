import { schemaAsJson, type JsonSchemaNode } from './schema.ts'

/** The JSON Schema of a config file, for editors: made of the schema that files are checked with. */
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

/** Lets a text be a reference `${env:NAME}` too: editors see it before it is replaced. */
function allowReference(node: JsonSchemaNode): void {
  if (node['type'] !== 'string' || !limits.some((limit) => limit in node)) return
  const own: JsonSchemaNode = {}
  for (const limit of limits) {
    if (limit in node) own[limit] = node[limit]
    delete node[limit]
  }
  node['anyOf'] = [own, { pattern: '\\$\\{env:[A-Za-z_][A-Za-z0-9_]*\\}' }]
}
