// Lints a schema with graphql-eslint's `schema-recommended` and `schema-relay` rule sets.
//
//     node lint.mjs schema.graphql
//
// Plain SDL and the SDL of a Federation subgraph are both understood.
import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import graphqlPlugin from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';
import { Kind, parse, print, visit } from 'graphql';

const [argument] = process.argv.slice(2);
if (!argument) {
  console.error('usage: node lint.mjs SCHEMA (a file of SDL)');
  process.exit(2);
}
const schema = resolve(argument);
const sdl = readFileSync(schema, 'utf8');

const rules = {
  ...graphqlPlugin.configs['flat/schema-recommended'].rules,
  ...graphqlPlugin.configs['flat/schema-relay'].rules,

  // Stricter than the rule set, which asks for descriptions on types, directives and root fields only.
  '@graphql-eslint/require-description': [
    'error',
    {
      types: true,
      rootField: true,
      DirectiveDefinition: true,
      EnumValueDefinition: true,
      FieldDefinition: true,
      InputValueDefinition: true,
      // The server's SDL writer prints no descriptions on the arguments of directives.
      ignoredSelectors: ['DirectiveDefinition > InputValueDefinition'],
    },
  ],

  // Objects with an identity need an id. Values (payloads, errors, edges, counts, settings) have none.
  '@graphql-eslint/strict-id-in-types': ['error', { exceptions: { types: valueTypes(parse(sdl)) } }],

  // Short lists that are bounded by nature (tags, roles, `errors`, `nodes` of a connection) are plain lists
  // here; what can grow is a connection. The rule would turn every list into a connection.
  '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false }],
};

/**
 * The object types that stand for a value, not for a thing with an identity. A type has an identity when it
 * implements `Node`, is an entity of the federated graph (`@key`), is the node of an edge, or is changed by
 * optimistic locking (`version: Int!`).
 */
function valueTypes(document) {
  const types = new Set();
  const identities = new Set();
  const named = type => (type.kind === Kind.NAMED_TYPE ? type.name.value : named(type.type));
  visit(document, {
    ObjectTypeDefinition({ name, fields, interfaces, directives }) {
      types.add(name.value);
      if (
        interfaces.some(it => it.name.value === 'Node') ||
        directives.some(it => it.name.value === 'key') ||
        fields.some(it => it.name.value === 'version' && print(it.type) === 'Int!')
      ) {
        identities.add(name.value);
      }
      const node = name.value.endsWith('Edge') && fields.find(it => it.name.value === 'node');
      if (node) {
        identities.add(named(node.type));
      }
    },
  });
  return [...types].filter(it => !identities.has(it));
}

const eslint = new ESLint({
  cwd: dirname(schema),
  overrideConfigFile: true,
  overrideConfig: [
    {
      files: [`**/${basename(schema)}`],
      plugins: { '@graphql-eslint': graphqlPlugin },
      languageOptions: {
        parser: graphqlPlugin.parser,
        parserOptions: { graphQLConfig: { schema } },
      },
      linterOptions: { noInlineConfig: true },
      rules,
    },
  ],
});

const [{ messages }] = await eslint.lintFiles([schema]);
for (const { line, column, message, ruleId } of messages) {
  const text = message.replaceAll('\n', ' ');
  console.error(`${basename(schema)}:${line ?? 1}:${column ?? 1}: ${text} (${ruleId ?? 'parser'})`);
}
const lines = sdl.split('\n').length;
if (messages.length > 0) {
  console.error(`lint: ${messages.length} findings in ${basename(schema)} (${lines} lines)`);
  process.exit(1);
}
console.log(`lint: ${basename(schema)} (${lines} lines) keeps all ${Object.keys(rules).length} rules`);
