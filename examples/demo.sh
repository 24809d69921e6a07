#!/usr/bin/env bash
# Starts the service with its embedded defaults, trains examples/ai4i.yaml through the command line, shows the result, stops.
set -euo pipefail
: "${BIN:=.venv/bin}" "${STATE:=state}"
export TRAINWRIGHT_STATE=$STATE TRAINWRIGHT_SERVER=127.0.0.1:${PORT:=50151} TRAINWRIGHT_PORT=$PORT

mkdir -p "$STATE"
"$BIN/trainwright-server" >"$STATE/server.log" 2>&1 &
server=$!
trap 'kill -TERM $server 2>/dev/null; wait $server 2>/dev/null || true' EXIT
echo "Starting the service (log: $STATE/server.log) ..."
"$BIN/trainwright" wait-ready --timeout 120 || { tail -n 20 "$STATE/server.log"; exit 1; }

job=$("$BIN/trainwright" submit examples/ai4i.yaml --quiet)
echo "Job $job"
"$BIN/trainwright" watch "$job"
"$BIN/trainwright" report "$job"

cat <<TEXT

Look further:
  report       $STATE/jobs/$job/report.html
  MLflow       $BIN/mlflow ui --backend-store-uri sqlite:///$STATE/mlflow.db
  TensorBoard  $BIN/tensorboard --logdir $STATE/tensorboard
TEXT
