// Uses the API explorer of a running server as a reader would, in a headless Chromium.
//
//     node explorer.mjs http://127.0.0.1:8000 KEY [SCREENSHOT.png]
import { randomUUID } from 'node:crypto';
import { chromium } from 'playwright-core';
import { arguments_, check, checks, chromiumPath, createIntent, logEnd } from './lib.mjs';

const { url, key, rest } = arguments_('explorer.mjs');
const [screenshot] = rest;
const DEADLINE_MS = 10_000;

const browser = await chromium.launch({
  executablePath: chromiumPath(),
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});

try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(DEADLINE_MS);

  // Everything that goes wrong on the page or leaves the server, except what a step says it provokes.
  const faults = [];
  let provoked = () => false;
  const fault = text => provoked(text) || faults.push(text);
  const sent = [];
  const frames = [];
  const foreign = it => {
    const { protocol, host } = new URL(it);
    return !['data:', 'blob:'].includes(protocol) && host !== new URL(url).host;
  };
  page.on('request', it => {
    sent.push(it);
    if (foreign(it.url())) fault(`request to another origin: ${it.url()}`);
  });
  page.on('requestfailed', it => fault(`request failed: ${it.url()} (${it.failure()?.errorText})`));
  page.on('response', it => it.status() >= 400 && fault(`answer ${it.status()}: ${it.url()}`));
  page.on('console', it => it.type() === 'error' && fault(`console: ${it.text()}`));
  page.on('pageerror', it => fault(`page error: ${it.message}`));
  page.on('websocket', socket => {
    if (foreign(socket.url())) fault(`websocket to another origin: ${socket.url()}`);
    socket.on('framesent', it => frames.push(JSON.parse(it.payload)));
    socket.on('socketerror', it => fault(`websocket: ${it}`));
  });

  async function edit(editor, text) {
    await page.locator(`${editor} .CodeMirror`).click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(text);
  }

  const result = () => page.locator('.result-window .CodeMirror').evaluate(it => it.CodeMirror.getValue());

  /** Waits until the result pane holds all of the texts. */
  async function resultWith(...texts) {
    const until = Date.now() + DEADLINE_MS;
    for (;;) {
      const shown = await result();
      if (texts.every(it => shown.includes(it))) {
        return shown;
      }
      if (Date.now() > until) {
        throw new Error(`the result pane does not show ${texts.join(' and ')}; it shows: ${shown}`);
      }
      await page.waitForTimeout(50);
    }
  }

  async function run(query) {
    await edit('.graphiql-query-editor', query);
    await page.locator('.graphiql-execute-button').click();
  }

  await check('the page opens and shows its editors', async () => {
    const answer = await page.goto(url, { waitUntil: 'load' });
    if (!answer.headers()['content-security-policy']?.includes("default-src 'none'")) {
      throw new Error('the page has no strict content security policy');
    }
    await page.locator('.graphiql-query-editor .CodeMirror').waitFor();
    await page.locator('.result-window .CodeMirror').waitFor({ state: 'attached' });
  });

  if (checks.failed > 0) {
    throw new Error(`nothing to check at ${url}`);
  }

  const agent = `explorer-check-${randomUUID().slice(0, 8)}`;
  await check('headers can be edited', async () => {
    await page.getByRole('button', { name: 'Headers' }).click();
    await edit(
      '.graphiql-editor-tool .graphiql-editor:not(.hidden)',
      JSON.stringify({ 'X-API-Key': key, 'X-Agent-ID': agent }),
    );
  });

  await check('the documentation lists the root types', async () => {
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    const docs = page.locator('.graphiql-plugin');
    await docs.getByRole('link', { name: 'Subscription', exact: true }).waitFor();
    await docs.getByRole('link', { name: 'Mutation', exact: true }).click();
    await docs.getByRole('link', { name: 'createIntent', exact: true }).waitFor();
    await page.getByRole('button', { name: 'Hide Documentation Explorer' }).click();
  });

  await check('dialogs open', async () => {
    await page.getByRole('button', { name: 'Open settings dialog' }).click();
    await page.getByRole('dialog').getByText('Theme').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });

  await check('a query runs with the headers and shows its result', async () => {
    await run('query Check { viewer { role } serverInfo { version } }');
    await resultWith('"viewer"', '"version"');
    const request = sent.findLast(it => it.method() === 'POST');
    const headers = await request.allHeaders();
    if (headers['x-api-key'] !== key || headers['x-agent-id'] !== agent) {
      throw new Error('the request did not carry the headers of the editor');
    }
  });

  await check('an error shows as an error', async () => {
    // The browser logs every answer from 400 on.
    provoked = text => /\b400\b/.test(text);
    await run('query Check { noSuchField }');
    await resultWith('"errors"', 'noSuchField');
    provoked = () => false;
  });

  await check('a subscription shows an event while it happens', async () => {
    const after = JSON.stringify(await logEnd(url, key));
    await run(`subscription Check { events(after: ${after}) { type intentId actor cursor } }`);
    await resultWith('"live"');
    const id = await createIntent(url, key, `Explorer check ${randomUUID()}`);
    await resultWith('"live"', `"${id}"`);
    const init = frames.find(it => it.type === 'connection_init');
    if (init?.payload?.apiKey !== key || init?.payload?.agentId !== agent) {
      throw new Error(`connection_init carried ${JSON.stringify(init?.payload)}`);
    }
    if (screenshot) {
      await page.screenshot({ path: screenshot });
    }
    await page.locator('.graphiql-execute-button').click();
    await resultWith('"stopped"', `"${id}"`);
  });

  await check('a refused subscription says why', async () => {
    await page.getByRole('button', { name: 'Headers' }).click();
    // The changed key also makes the page ask for the schema again, which is refused as well.
    provoked = text => /\b40[13]\b/.test(text);
    await edit('.graphiql-editor-tool .graphiql-editor:not(.hidden)', '{"X-API-Key": "no-such-key"}');
    await run('subscription Check { events { type } }');
    await resultWith('"failed"', '"closeCode"');
    await page.locator('.explorer-status').waitFor();
    provoked = () => false;
  });

  await check('nothing failed and nothing left the server', () => {
    if (faults.length > 0) {
      throw new Error(faults.join('\n    '));
    }
  });
} finally {
  await browser.close();
}
checks.report('explorer');
