#!/usr/bin/env bash
# Generates the Python stubs into clients/python. An older grpcio-tools, in an environment of its own, so that users of the
# client are not forced onto the newest grpcio and protobuf. Usage: proto/generate.sh [OUTPUT_FOLDER]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../clients/python/src}
tools=$here/../.venv-proto
if [ ! -x "$tools/bin/python" ]; then
    python3.11 -m venv "$tools"
    "$tools/bin/pip" install --quiet "grpcio-tools==1.76.0" "setuptools<81"
fi
cd "$here"
mkdir -p "$out"
"$tools/bin/python" -m grpc_tools.protoc -I . -I third_party \
    --python_out="$out" --pyi_out="$out" --grpc_python_out="$out" trainwright/v1/*.proto
