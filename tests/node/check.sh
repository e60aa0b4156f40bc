#!/bin/sh
# Checks a running server and its schema with the reference tools of other people, and the committed API explorer.
#
#     tests/node/check.sh URL KEY SCHEMA [SCREENSHOT.png]
#     tests/node/check.sh http://127.0.0.1:8000 dev-user-key schema.graphql
#
# The key must be allowed to create intents; the checks leave some behind. Installs its packages, and as root on
# Debian a missing Chromium.
set -u

if [ $# -lt 3 ]; then
  echo "usage: $0 URL KEY SCHEMA [SCREENSHOT.png]" >&2
  exit 2
fi
url=$1
key=$2
case $3 in /*) schema=$3 ;; *) schema=$PWD/$3 ;; esac
screenshot=${4:-}
case $screenshot in '' | /*) ;; *) screenshot=$PWD/$screenshot ;; esac
here=$(cd "$(dirname "$0")" && pwd) || exit 1
explorer=$here/../../api/explorer

[ -f "$schema" ] || { echo "$0: no file $schema" >&2; exit 2; }

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "node and npm are missing: run \`apt-get install -y nodejs npm\` (Debian 13 or newer), or install node 20.19 or newer from https://nodejs.org" >&2
  exit 1
fi
if ! node -e 'const [a, b] = process.versions.node.split("."); process.exit(+a > 20 || (+a == 20 && +b >= 19) ? 0 : 1)'; then
  echo "node $(node --version) is too old: install node 20.19 or newer from https://nodejs.org" >&2
  exit 1
fi

# Installs the packages of a folder when they are not those of its lock file.
install_packages() {
  if ! cmp -s "$1/package-lock.json" "$1/node_modules/.installed-lock"; then
    echo "installing the packages of $1"
    (cd "$1" && npm ci --no-audit --no-fund --loglevel=error) || {
      echo "the packages could not be installed: run \`npm ci\` in $1 with access to the npm registry" >&2
      exit 1
    }
    cp "$1/package-lock.json" "$1/node_modules/.installed-lock"
  fi
}
install_packages "$here"
install_packages "$explorer"

has_chromium() {
  node -e 'import(process.argv[1]).then(it => process.exit(it.findChromium() ? 0 : 1))' "$here/lib.mjs"
}
if ! has_chromium; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing chromium"
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends chromium; } >&2
  fi
  has_chromium || {
    echo "no Chromium: run \`apt-get install -y chromium\`, or set CHROMIUM to the path of one" >&2
    exit 1
  }
fi

failed=
step() {
  name=$1
  shift
  echo "== $name"
  "$@" || failed="$failed $name"
}
step bundle node "$explorer/build.mjs" --check
step lint node "$here/lint.mjs" "$schema"
step compose node "$here/compose.mjs" "$schema"
step examples node "$here/examples.mjs" "$schema"
step audit node "$here/audit.mjs" "$url" "$key"
step interop node "$here/interop.mjs" "$url" "$key"
step explorer node "$here/explorer.mjs" "$url" "$key" ${screenshot:+"$screenshot"}

if [ -n "$failed" ]; then
  echo "failed:$failed" >&2
  exit 1
fi
echo "all checks passed"
