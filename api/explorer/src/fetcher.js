// Carries operations from the editor to the server: queries and mutations by POST, subscriptions by websocket.
import { Kind, OperationTypeNode, parse } from 'graphql';
import { createClient } from 'graphql-ws';

const url = new URL('/graphql', window.location.href);

/** How many of a subscription's results stay on the page, the newest first. */
const RESULTS_KEPT = 50;
/** How often the page is redrawn while results arrive, in milliseconds. */
const REDRAW_EVERY_MS = 100;

/**
 * What GraphiQL calls to run an operation. It answers with a result, or with an observable for a subscription.
 * Failures become results with `errors`, so that they are shown like the server's own.
 */
export function fetcher({ query, variables, operationName }, { headers = {} } = {}) {
  const operation = operationIn(query, operationName);
  const params = { query, variables, operationName: operation?.name?.value ?? operationName };
  return operation?.operation === OperationTypeNode.SUBSCRIPTION ? subscribe(params, headers) : post(params, headers);
}

/**
 * The operation to run; none where the document is not valid, which the server explains better. GraphiQL learns the
 * operation's name a moment after the editor changes, so a name that is not in the document is an old one.
 */
function operationIn(query, operationName) {
  try {
    const operations = parse(query).definitions.filter(it => it.kind === Kind.OPERATION_DEFINITION);
    return operations.find(it => it.name?.value === operationName) ?? (operations.length === 1 ? operations[0] : undefined);
  } catch {
    return undefined;
  }
}

async function post(params, headers) {
  let response;
  let text;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        accept: 'application/graphql-response+json, application/json;q=0.9',
        'content-type': 'application/json',
        ...headers,
      },
      body: JSON.stringify(params),
    });
    text = await response.text();
  } catch (error) {
    return failure(`The request could not be sent: ${error.message}`);
  }
  try {
    return JSON.parse(text);
  } catch {
    return failure(`The server answered ${response.status} ${response.statusText} with something that is not JSON`, {
      body: text.slice(0, 2000),
    });
  }
}

function failure(message, extensions) {
  return { errors: [{ message, ...(extensions && { extensions }) }] };
}

/** The value of a header, whatever the case of its name. */
export function header(headers, name) {
  const key = Object.keys(headers).find(it => it.toLowerCase() === name);
  return key && headers[key] ? String(headers[key]) : undefined;
}

function subscribe(params, headers) {
  return {
    subscribe(observer) {
      const results = [];
      let received = 0;
      let opened = false;
      let redraw;
      let ended = false;

      function draw(subscription, errors) {
        clearTimeout(redraw);
        redraw = undefined;
        if (ended) {
          return;
        }
        ended = subscription !== 'live';
        observer.next({ subscription, received, ...(errors && { errors }), results: [...results] });
      }

      const client = createClient({
        url: url.href.replace(/^http/, 'ws'),
        connectionParams: { apiKey: header(headers, 'x-api-key'), agentId: header(headers, 'x-agent-id') },
        // A new connection would begin at the present and leave a gap that nobody sees: better to say that it ended.
        retryAttempts: 0,
        keepAlive: 10_000,
        on: {
          connected() {
            opened = true;
            draw('live');
          },
        },
      });

      const stop = client.subscribe(params, {
        next(result) {
          received += 1;
          results.unshift(result);
          results.length = Math.min(results.length, RESULTS_KEPT);
          redraw ??= setTimeout(draw, REDRAW_EVERY_MS, 'live');
        },
        error(error) {
          draw('failed', errorsOf(error, opened));
          observer.complete();
        },
        complete() {
          draw('completed');
          observer.complete();
        },
      });

      return {
        unsubscribe() {
          draw('stopped');
          stop();
          client.dispose();
        },
      };
    },
  };
}

/** What ended a subscription, as GraphQL errors: errors of the operation, the closing of the socket, or a failure. */
function errorsOf(error, opened) {
  if (Array.isArray(error)) {
    return error;
  }
  if (error instanceof CloseEvent) {
    const reason = error.reason || (opened ? 'the connection was lost' : 'the server could not be reached');
    return [{ message: `The subscription's connection closed: ${reason}`, extensions: { closeCode: error.code } }];
  }
  return [{ message: error instanceof Error ? error.message : 'The subscription failed' }];
}
