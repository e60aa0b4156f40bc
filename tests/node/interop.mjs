// Talks graphql-transport-ws to a running server with its reference client (npm graphql-ws), and checks with bare
// sockets what that client hides.
//
//     node interop.mjs http://127.0.0.1:8000 KEY
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createClient, GRAPHQL_TRANSPORT_WS_PROTOCOL as PROTOCOL } from 'graphql-ws';
import { WebSocket } from 'ws';
import { arguments_, check, checks, createIntent, logEnd } from './lib.mjs';

const { url: root, key } = arguments_('interop.mjs');
const url = new URL('/graphql', root).href.replace(/^http/, 'ws');
const DEADLINE_MS = 10_000;
/** How long a server may wait for `connection_init` before it must have closed, in milliseconds. */
const INIT_DEADLINE_MS = 60_000;

/** The promise's value; an error when it takes too long. */
function within(promise, what, deadlineMs = DEADLINE_MS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took more than ${deadlineMs} ms`)), deadlineMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A client of its own for the body, closed after it. */
async function withClient(body, options = {}) {
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: { apiKey: key, agentId: 'interop-check' },
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => {},
    ...options,
  });
  try {
    await body(client);
  } finally {
    await client.dispose();
  }
}

/** All results of an operation that ends. */
async function all(client, request) {
  const results = [];
  for await (const result of client.iterate(request)) {
    results.push(result);
  }
  return results;
}

/** A bare socket: sends objects, and waits for messages that fit and for the close. */
function bare(protocols = [PROTOCOL]) {
  const socket = new WebSocket(url, protocols);
  const received = [];
  const waiting = new Set();
  const closed = new Promise(resolve => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    // A refused handshake closes the socket too, with 1006.
    socket.on('error', () => {});
  });
  const opened = new Promise((resolve, reject) => {
    socket.on('open', resolve);
    socket.on('error', reject);
  });
  opened.catch(() => {});
  socket.on('message', data => {
    received.push(JSON.parse(data));
    waiting.forEach(it => it());
  });

  function message(fits, what) {
    let look;
    const found = new Promise(resolve => {
      look = () => {
        const it = received.find(fits);
        if (it) resolve(it);
      };
      waiting.add(look);
      look();
    });
    return within(found, what).finally(() => waiting.delete(look));
  }

  const it = {
    socket,
    opened: () => within(opened, 'the handshake'),
    closed: (deadlineMs = DEADLINE_MS) => within(closed, 'the close', deadlineMs),
    send: value => socket.send(typeof value === 'string' ? value : JSON.stringify(value)),
    message,
    async init(payload = { apiKey: key }) {
      await it.opened();
      it.send({ type: 'connection_init', payload });
      return message(({ type }) => type === 'connection_ack', 'connection_ack');
    },
  };
  return it;
}

/** Checks that the server closes the socket with this code after what the body does. */
async function closesWith(code, body, protocols) {
  const connection = bare(protocols);
  try {
    await connection.opened();
    await body(connection);
    const close = await connection.closed();
    assert.equal(close.code, code, `closed with ${close.code} ${close.reason}`);
  } finally {
    connection.socket.terminate();
  }
}

const VIEWER = 'query Check { viewer { agentId } }';
const EVENTS = 'subscription Check($after: Cursor) { events(after: $after) { type intentId } }';

// Begun first, because it takes as long as the server's patience.
const silent = bare();
const silentClose = silent.closed(INIT_DEADLINE_MS);
silentClose.catch(() => {});

await check('init is acknowledged and a query is answered once and completed', () =>
  withClient(async client => {
    const results = await within(all(client, { query: VIEWER }), 'the query');
    assert.equal(results.length, 1);
    assert.equal(results[0].errors, undefined);
    assert.equal(typeof results[0].data.viewer.agentId, 'string');
  }),
);

await check('a mutation runs over the socket', () =>
  withClient(async client => {
    const query = 'mutation Check($input: CreateIntentInput!) { createIntent(input: $input) { intent { id } } }';
    const variables = { input: { title: `Interop check ${randomUUID()}` } };
    const [{ data, errors }] = await within(all(client, { query, variables }), 'the mutation');
    assert.equal(errors, undefined);
    assert.equal(typeof data.createIntent.intent.id, 'string');
  }),
);

await check('a document that is not valid is answered with an error message and leaves the socket open', () =>
  withClient(async client => {
    const errors = await within(
      all(client, { query: 'query Check { noSuchField }' }).then(
        results => assert.fail(`answered ${JSON.stringify(results)}`),
        it => it,
      ),
      'the error',
    );
    assert.ok(Array.isArray(errors), `not a list of errors: ${errors}`);
    assert.match(errors[0].message, /noSuchField/);
    assert.equal((await within(all(client, { query: VIEWER }), 'the query')).length, 1);
  }),
);

await check('a subscription delivers an event and ends when the client completes it', () =>
  withClient(async client => {
    const events = client.iterate({ query: EVENTS, variables: { after: await logEnd(root, key) } });
    const id = await createIntent(root, key, `Interop check ${randomUUID()}`);
    const { value } = await within(events.next(), 'the event');
    assert.equal(value.errors, undefined);
    assert.equal(value.data.events.intentId, id);
    await within(events.return(), 'the end');
    // The socket goes on without it.
    assert.equal((await within(all(client, { query: VIEWER }), 'the query')).length, 1);
  }),
);

await check('one socket carries several subscriptions and queries at once', () =>
  withClient(async client => {
    const variables = { after: await logEnd(root, key) };
    const subscriptions = Array.from({ length: 5 }, () => client.iterate({ query: EVENTS, variables }));
    const first = subscriptions.map(it => it.next());
    const query = all(client, { query: VIEWER });
    const id = await createIntent(root, key, `Interop check ${randomUUID()}`);
    for (const { value } of await within(Promise.all(first), 'the events')) {
      assert.equal(value.data.events.intentId, id);
    }
    assert.equal((await within(query, 'the query')).length, 1);
    await within(Promise.all(subscriptions.map(it => it.return())), 'the ends');
  }),
);

await check('nothing follows after the client completed a subscription', async () => {
  const connection = bare();
  try {
    await connection.init();
    connection.send({ id: 'a', type: 'subscribe', payload: { query: EVENTS } });
    connection.send({ id: 'a', type: 'complete' });
    // The answer shows that the server has read the complete.
    connection.send({ type: 'ping' });
    await connection.message(it => it.type === 'pong', 'pong');
    await createIntent(root, key, `Interop check ${randomUUID()}`);
    // The same id is free again, and its answer comes after whatever the server might still have sent.
    connection.send({ id: 'a', type: 'subscribe', payload: { query: VIEWER } });
    const next = await connection.message(it => it.type === 'next', 'next');
    assert.ok(next.payload.data.viewer, `a result of the completed subscription: ${JSON.stringify(next)}`);
    await connection.message(it => it.type === 'complete' && it.id === 'a', 'complete');
  } finally {
    connection.socket.terminate();
  }
});

await check('ping is answered by pong, before and after init', async () => {
  const connection = bare();
  try {
    await connection.opened();
    connection.send({ type: 'ping' });
    await connection.message(it => it.type === 'pong', 'pong');
    await connection.init();
    connection.send({ type: 'ping', payload: { check: 1 } });
    connection.send({ type: 'pong' });
    connection.send({ id: 'a', type: 'subscribe', payload: { query: VIEWER } });
    await connection.message(it => it.type === 'complete', 'complete');
  } finally {
    connection.socket.terminate();
  }
});

await check('the reference client sees the pongs that its keep-alive waits for', async () => {
  let ponged;
  const pong = new Promise(resolve => {
    ponged = resolve;
  });
  await withClient(() => within(pong, 'the pong'), {
    keepAlive: 100,
    on: { pong: received => received && ponged() },
  });
});

await check('the subprotocol is agreed on', async () => {
  const connection = bare(['soap', PROTOCOL]);
  try {
    await connection.opened();
    assert.equal(connection.socket.protocol, PROTOCOL);
  } finally {
    connection.socket.terminate();
  }
});

await check('no subprotocol closes with 4406', () => closesWith(4406, () => {}, []));

await check('another subprotocol is refused, in the handshake or with 4406', async () => {
  const connection = bare(['graphql-ws']);
  try {
    const refused = connection.opened().then(() => undefined, it => it);
    const { code } = await connection.closed();
    // No answer at all is not a refusal.
    const { code: unreachable } = (await refused) ?? {};
    assert.ok(code === 4406 || (code === 1006 && !unreachable), `closed with ${code} ${unreachable}`);
  } finally {
    connection.socket.terminate();
  }
});

await check('a wrong key closes with 4403', () =>
  closesWith(4403, it => it.send({ type: 'connection_init', payload: { apiKey: 'no-such-key' } })),
);

await check('an operation before init closes with 4401', () =>
  closesWith(4401, it => it.send({ id: 'a', type: 'subscribe', payload: { query: VIEWER } })),
);

await check('a second init closes with 4429', () =>
  closesWith(4429, async it => {
    await it.init();
    it.send({ type: 'connection_init' });
  }),
);

await check('an id in use closes with 4409', () =>
  closesWith(4409, async it => {
    await it.init();
    it.send({ id: 'a', type: 'subscribe', payload: { query: EVENTS } });
    it.send({ id: 'a', type: 'subscribe', payload: { query: EVENTS } });
  }),
);

for (const [what, text] of [
  ['text that is not JSON', 'hello'],
  ['a message of unknown type', '{"type":"start","id":"a"}'],
  ['a subscribe without a query', '{"type":"subscribe","id":"a","payload":{}}'],
  ['a subscribe without an id', '{"type":"subscribe","payload":{"query":"{ __typename }"}}'],
]) {
  await check(`${what} closes with 4400`, () =>
    closesWith(4400, async it => {
      await it.init();
      it.send(text);
    }),
  );
}

await check('no init in time closes with 4408', async () => {
  const { code, reason } = await silentClose;
  assert.equal(code, 4408, `closed with ${code} ${reason}`);
});

checks.report('interop');
// Sockets that a failed check left open must not keep the process alive.
process.exit();
