// What the checks share.
import { existsSync } from 'node:fs';

/** The URL and the key from the command line. The URL is the server's root. */
export function arguments_(script) {
  const [url, key, ...rest] = process.argv.slice(2);
  if (!url || !key) {
    console.error(`usage: node ${script} URL KEY (for example http://127.0.0.1:8000 dev-user-key)`);
    process.exit(2);
  }
  return { url: new URL(url).origin, key, rest };
}

/** Where a Chromium is installed, or undefined. `CHROMIUM` names one that is elsewhere. */
export function findChromium() {
  return [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    it => it && existsSync(it),
  );
}

export const CHROMIUM_HINT = 'no Chromium: run `apt-get install -y chromium`, or set CHROMIUM to the path of one';

export function chromiumPath() {
  const path = findChromium();
  if (!path) {
    console.error(CHROMIUM_HINT);
    process.exit(2);
  }
  return path;
}

/** Posts a GraphQL request and gives its result. */
export async function post(url, key, body) {
  const response = await fetch(new URL('/graphql', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', 'x-api-key': key },
    body: JSON.stringify(body),
  });
  return response.json();
}

/** Creates an intent and gives its id. */
export async function createIntent(url, key, title) {
  const { data, errors } = await post(url, key, {
    query: 'mutation Check($input: CreateIntentInput!) { createIntent(input: $input) { intent { id } errors { message } } }',
    variables: { input: { title } },
  });
  const id = data?.createIntent?.intent?.id;
  if (!id) {
    throw new Error(`createIntent answered ${JSON.stringify(errors ?? data)}`);
  }
  return id;
}

/** The present end of the event log. A subscription from there on misses nothing, however late it starts. */
export async function logEnd(url, key) {
  const { data, errors } = await post(url, key, { query: 'query Check { serverInfo { cursor } }' });
  if (!data) {
    throw new Error(`serverInfo answered ${JSON.stringify(errors)}`);
  }
  return data.serverInfo.cursor;
}

/** The checks that ran so far. */
export const checks = {
  passed: 0,
  failed: 0,

  /** Prints the sum and sets the exit code. */
  report(name) {
    console.log(`${name}: ${checks.passed} of ${checks.passed + checks.failed} checks passed`);
    if (checks.failed > 0 || checks.passed === 0) {
      process.exitCode = 1;
    }
  },
};

/** Runs one check and prints how it went. Later checks run also when it fails. */
export async function check(claim, body) {
  try {
    await body();
    checks.passed += 1;
    console.log(`  ok   ${claim}`);
  } catch (error) {
    checks.failed += 1;
    // The browser's driver adds a log of its calls to its messages.
    console.error(`  FAIL ${claim}\n    ${error.message.split('\nCall log')[0]}`);
  }
}
