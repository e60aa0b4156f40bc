// Validates the operations that the API explorer offers, the commented ones too, against a schema.
//
//     node examples.mjs schema.graphql
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { buildASTSchema, parse, validate } from 'graphql';
import { defaultTabs } from '../../api/explorer/src/examples.js';

const [file] = process.argv.slice(2);
if (!file) {
  console.error('usage: node examples.mjs SCHEMA (a file of SDL)');
  process.exit(2);
}
// A subgraph's SDL uses directives that it only links to, so the SDL itself is not validated here.
const schema = buildASTSchema(parse(readFileSync(file, 'utf8')), { assumeValidSDL: true });

/** The operations in the comments of a tab: from the line with the keyword to the closing brace. */
function commented(query) {
  const comments = query.replace(/^(?!#).*$/gm, '').replace(/^# ?/gm, '');
  return comments.match(/^(query|mutation|subscription) \w+ ?[({][^]*?^\}$/gm) ?? [];
}

let passed = 0;
for (const { query } of defaultTabs) {
  for (const operation of [query, ...commented(query)]) {
    const errors = validate(schema, parse(operation));
    const [name] = operation.match(/^(query|mutation|subscription) \w+(?= ?[({])/m);
    for (const { message } of errors) {
      console.error(`  FAIL ${name}: ${message}`);
      process.exitCode = 1;
    }
    passed += errors.length === 0 ? 1 : 0;
  }
}
console.log(`examples: ${passed} of the explorer's example operations are valid in ${basename(file)}`);
if (passed === 0) {
  process.exitCode = 1;
}
