// Bundles the API explorer into dist/, which is committed and compiled into the server.
//
//     npm ci && npm run build     writes dist/
//     npm run check               builds beside it and compares
import { existsSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');

/** GraphiQL's style sheet carries 340 kB of fonts as data URLs: leave them out, and their licences with them. */
const withoutFonts = {
  name: 'without-fonts',
  setup(build) {
    build.onLoad({ filter: /graphiql\/dist\/style\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/@font-face\s*\{[^}]*\}/g, ''),
      loader: 'css',
    }));
  },
};

async function bundle(out) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { explorer: 'src/explorer.jsx' },
    outdir: out,
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    plugins: [withoutFonts],
    metafile: true,
    logLevel: 'warning',
  });
  writeFileSync(join(out, 'index.html'), readFileSync(join(root, 'src/index.html')));
  writeFileSync(join(out, 'LICENSES.txt'), licences(Object.keys(metafile.inputs)));
}

/** The licence texts of all packages that have a file in the bundle. */
function licences(inputs) {
  const folders = new Set(inputs.map(it => it.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]).filter(Boolean));
  const entries = [...folders].map(folder => {
    const about = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder))
      .sort()
      .find(it => /^(licen[cs]e|copying)/i.test(it));
    const text = file ? readFileSync(join(root, folder, file), 'utf8') : standardText(about);
    return { title: `${about.name} ${about.version} (${about.license})`, text: text.replaceAll('\r\n', '\n').trim() };
  });

  // Many packages of one project share a text; print it once, below all their names.
  const titlesOf = new Map();
  for (const { title, text } of entries.sort((a, b) => (a.title < b.title ? -1 : 1))) {
    titlesOf.set(text, [...(titlesOf.get(text) ?? []), title]);
  }
  const rule = '='.repeat(80);
  const parts = [...titlesOf].map(([text, titles]) => `${rule}\n${titles.join('\n')}\n${rule}\n\n${text}\n`);
  return `The API explorer contains the following packages.\n\n${parts.join('\n')}`;
}

/** Some packages say only "MIT" in their package.json. */
function standardText({ name, license, author, repository }) {
  if (license !== 'MIT') {
    throw new Error(`${name} is under "${license}" and has no licence file: say in build.mjs what its text is`);
  }
  const holder = (author?.name ?? author)?.replace(/\s*[<(].*/, '') ?? `the authors of ${repository.url ?? repository}`;
  return `MIT License

Copyright (c) ${holder}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;
}

/** The files of a folder by name. */
function filesOf(folder) {
  return new Map(readdirSync(folder).sort().map(name => [name, readFileSync(join(folder, name))]));
}

async function check() {
  const out = mkdtempSync(join(tmpdir(), 'explorer-'));
  try {
    await bundle(out);
    const [built, committed] = [filesOf(out), existsSync(dist) ? filesOf(dist) : new Map()];
    const names = [...new Set([...built.keys(), ...committed.keys()])].sort();
    const differing = names.filter(name => !built.has(name) || !committed.get(name)?.equals(built.get(name)));
    if (differing.length > 0) {
      console.error(`explorer: dist is not what the sources give: ${differing.join(', ')}`);
      console.error('explorer: run `npm ci && npm run build` in api/explorer and commit dist');
      return 1;
    }
    console.log(`explorer: dist is what the sources give (${names.length} files)`);
    return 0;
  } finally {
    rmSync(out, { recursive: true });
  }
}

if (process.argv.includes('--check')) {
  process.exitCode = await check();
} else {
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  await bundle(dist);
  for (const [name, content] of filesOf(dist)) {
    console.log(`explorer: dist/${name} ${content.length} bytes`);
  }
}
