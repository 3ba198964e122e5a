#!/usr/bin/env bash
# Opens JupyterLab on a copy of the examples, with the MLOps panel in front; arguments go to `jupyter lab`.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=demo-workspace
export JUPYTERLAB_WORKSPACES_DIR=$PWD/$folder/.layout

if [ ! -d "$folder" ]; then
  scripts/quietly.sh "Copying the examples" jupyter mlops examples "$folder"
fi
# The layout lies beside the copy, not among the user's own workspaces.
if [ ! -d "$JUPYTERLAB_WORKSPACES_DIR" ]; then
  mkdir "$JUPYTERLAB_WORKSPACES_DIR"
  scripts/quietly.sh "Laying out the demo" jupyter lab workspaces import scripts/demo/layout.json
fi

# Jupyter refuses to run as root, which is all that a bare container has.
if [ "$(id -u)" = 0 ]; then
  set -- --allow-root "$@"
fi
exec jupyter lab \
  --ServerApp.root_dir="$PWD/$folder" \
  --LabApp.app_settings_dir="$PWD/scripts/demo" \
  "$@"
