import { useSchemaStore } from '@graphiql/react';
import { GraphiQL } from 'graphiql';
import { useEffect, useRef, useState } from 'react';
import { createRoot } from 'react-dom/client';
import './explorer.css';
import { defaultTabs } from './examples.js';
import { fetcher, header } from './fetcher.js';

/** The headers live as long as the browser's tab: keys are not left behind on the disk. */
const STORED_HEADERS = 'openintent:headers';
/** How long typing must rest before the schema is asked for with a new key, in milliseconds. */
const TYPING_RESTS_MS = 600;

/** The key that a server in development mode offers, if any. */
async function offeredKey() {
  try {
    const response = await fetch('/explorer/config.json');
    return response.ok ? ((await response.json()).apiKey ?? '') : '';
  } catch {
    return '';
  }
}

function parseHeaders(text) {
  try {
    const headers = JSON.parse(text);
    return headers && typeof headers === 'object' && !Array.isArray(headers) ? headers : undefined;
  } catch {
    return undefined;
  }
}

function credentials(text) {
  const headers = parseHeaders(text) ?? {};
  return header(headers, 'x-api-key') ?? header(headers, 'authorization') ?? '';
}

/** Says below the result why there is no schema, and asks for it again when the key has changed. */
function SchemaStatus({ headers }) {
  const { introspect, fetchError, isFetching, schema } = useSchemaStore();
  const key = credentials(headers);
  const asked = useRef(key);

  useEffect(() => {
    if (asked.current === key) {
      return undefined;
    }
    const timer = setTimeout(() => {
      asked.current = key;
      introspect();
    }, TYPING_RESTS_MS);
    return () => clearTimeout(timer);
  }, [key, introspect]);

  if (!fetchError || isFetching) {
    return null;
  }
  return (
    <p className="explorer-status" role="status">
      {schema ? 'The schema may be out of date. ' : 'No documentation and no completion yet. '}
      {messagesOf(fetchError)}
    </p>
  );
}

function messagesOf(fetchError) {
  try {
    return JSON.parse(fetchError)
      .errors.map(it => it.message)
      .join(' ');
  } catch {
    return fetchError;
  }
}

function Explorer({ initialHeaders }) {
  const [headers, setHeaders] = useState(initialHeaders);
  const current = useRef(initialHeaders);

  function onEditHeaders(text) {
    current.current = text;
    sessionStorage.setItem(STORED_HEADERS, text);
    setHeaders(text);
  }

  // One function for the life of the page: GraphiQL asks for the schema whenever it gets another one.
  const [fetch] = useState(() => (params, options = {}) => {
    if (params.operationName !== 'IntrospectionQuery') {
      return fetcher(params, options);
    }
    // GraphiQL's first request for the schema may come before its header editor is there.
    const headers = parseHeaders(current.current) ?? {};
    if (!credentials(current.current)) {
      const message = 'Put your key into "Headers", as X-API-Key.';
      return Promise.resolve({ errors: [{ message }] });
    }
    return fetcher(params, { ...options, headers });
  });

  return (
    <GraphiQL
      fetcher={fetch}
      defaultHeaders={headers}
      defaultTabs={defaultTabs}
      defaultQuery={'# Type an operation here; Ctrl-Space completes.\n\n'}
      defaultEditorToolsVisibility="headers"
      onEditHeaders={onEditHeaders}
      schemaDescription
      shouldPersistHeaders={false}
    >
      <GraphiQL.Logo>
        <span className="explorer-logo">OpenIntent</span>
      </GraphiQL.Logo>
      <GraphiQL.Footer>
        <SchemaStatus headers={headers} />
      </GraphiQL.Footer>
    </GraphiQL>
  );
}

async function start() {
  const stored = sessionStorage.getItem(STORED_HEADERS) ?? '';
  const initialHeaders = credentials(stored) ? stored : JSON.stringify({ 'X-API-Key': await offeredKey() }, null, 2);
  createRoot(document.getElementById('explorer')).render(<Explorer initialHeaders={initialHeaders} />);
}

start();
