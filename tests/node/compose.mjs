// Composes a schema, as the only subgraph, into an Apollo Federation v2 supergraph.
//
//     node compose.mjs schema.graphql
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import { parse } from 'graphql';

const [schema] = process.argv.slice(2);
if (!schema) {
  console.error('usage: node compose.mjs SCHEMA (a file of SDL)');
  process.exit(2);
}
const sdl = readFileSync(schema, 'utf8');

function fail(...lines) {
  for (const line of lines) {
    console.error(`compose: ${line}`);
  }
  process.exit(1);
}

// Without the link the composer would take the schema for one of Federation version 1 and let more pass.
if (!/extend schema\s+@link\(\s*url:\s*"https:\/\/specs\.apollo\.dev\/federation\/v2\./.test(sdl)) {
  fail(`${basename(schema)} does not link the Federation v2 specification (print it with the federation option)`);
}

const { supergraphSdl, errors, hints } = composeServices([
  { name: 'openintent', url: 'http://127.0.0.1/graphql', typeDefs: parse(sdl) },
]);
for (const error of errors ?? []) {
  const code = error.extensions?.code ?? 'ERROR';
  console.error(`compose: ${code}: ${error.message}`);
}
if (errors?.length) {
  fail(`${errors.length} errors`);
}
for (const hint of hints) {
  console.log(`compose: hint ${hint.definition.code}: ${hint.message}`);
}

const api = Supergraph.build(supergraphSdl).apiSchema();
const entities = (supergraphSdl.match(/@join__type\(graph: \w+, key:/g) ?? []).length;
if (entities === 0) {
  fail('no type has a @key, so other subgraphs cannot refer to anything of this one');
}
// Clients of a gateway must see the root types that clients of the server see.
for (const root of ['query', 'mutation', 'subscription']) {
  if (!api.schemaDefinition.root(root)) {
    fail(`the supergraph has no ${root} type`);
  }
}
const types = [...api.types()].length;
console.log(
  `compose: ${basename(schema)} composes; the supergraph has ${types} types, ` +
    `${entities} entity keys and ${supergraphSdl.length} bytes`,
);
