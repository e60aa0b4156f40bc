// Runs the audits of the GraphQL-over-HTTP specification (npm graphql-http) against a running server.
//
//     node audit.mjs http://127.0.0.1:8000 KEY
import { serverAudits } from 'graphql-http';
import { arguments_ } from './lib.mjs';

/** How many audits the pinned graphql-http has. Fewer would mean that some were not run. */
const EXPECTED = 61;

const { url, key } = arguments_('audit.mjs');
const audits = serverAudits({
  url: new URL('/graphql', url).href,
  fetchFn: (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('x-api-key', key);
    return fetch(input, { ...init, headers });
  },
});

// One after the other, so that an audit that cannot run at all does not take the others with it.
const results = [];
for (const { id, name, fn } of audits) {
  try {
    results.push(await fn());
  } catch (error) {
    results.push({ id, name, status: 'error', reason: `${error.message} ${error.cause?.message ?? ''}` });
  }
}

const level = name => name.match(/^(MUST|SHOULD|MAY)/)?.[0] ?? '?';
const required = results.filter(it => level(it.name) !== 'MAY');
// A SHOULD that does not hold is a warning ("warn") in the library's terms, and a failure here.
const failed = required.filter(it => it.status !== 'ok');
for (const { id, name, reason, status, response } of failed) {
  console.error(`  FAIL ${id} ${name}: ${status}: ${reason}`);
  if (response) {
    console.error(`    the answer was ${response.status} ${response.headers?.get?.('content-type') ?? ''}`);
  }
}
for (const { id, name, status, reason } of results) {
  if (level(name) === 'MAY' && status !== 'ok') {
    console.log(`  note ${id} ${name}: ${status}: ${reason}`);
  }
}
const ok = results.filter(it => it.status === 'ok').length;
console.log(`audit: ${ok} of ${results.length} audits ok; ${failed.length} of ${required.length} MUST and SHOULD failed`);
if (results.length !== EXPECTED) {
  console.error(`audit: expected ${EXPECTED} audits; if graphql-http was updated, adapt EXPECTED`);
}
process.exitCode = failed.length === 0 && results.length === EXPECTED ? 0 : 1;
