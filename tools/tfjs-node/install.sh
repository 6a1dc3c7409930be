#!/usr/bin/env bash
# Installs @tensorflow/tfjs-node from the package registries alone, where the host that its own install script downloads from cannot be reached.
# TensorFlow's C library comes from the Python wheel, the binding is compiled. What is there already is checked, not made again.
set -euo pipefail

TFJS=4.22.0       # tfjs-node; the version of the tfjs packages in packages/kernels/package.json
TENSORFLOW=2.21.0 # tensorflow-cpu, whose libraries export the C interface
HEADERS=1.9.0     # node-api-headers

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${ERGOFLOW_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ergoflow}
folder=$cache/tfjs-node-$TFJS-$TENSORFLOW
package=$folder/node_modules/@tensorflow/tfjs-node

fail() { echo "tfjs-node: $*" >&2; exit 1; }
need() { command -v "$1" >/dev/null || fail "$1 must be installed ($2)"; }

# works FOLDER: whether TensorFlow adds 1 and 1 there.
works() {
  (cd "$1" && TF_CPP_MIN_LOG_LEVEL=2 TF_ENABLE_ONEDNN_OPTS=0 node -e '
    const tf = require("@tensorflow/tfjs-node");
    if (tf.getBackend() !== "tensorflow" || tf.add(1, 1).dataSync()[0] !== 2) process.exit(1);')
}

make_it() {
  [ "$(uname -sm)" = 'Linux x86_64' ] || fail "must run on Linux x86_64, got $(uname -sm); elsewhere use: npm install @tensorflow/tfjs-node@$TFJS"
  need npm 'it comes with Node'
  need g++ 'such as: apt-get install g++'
  need python3 'it fetches and unpacks the wheel'
  local python=python3
  if [ -x "$root/.venv/bin/python" ]; then python=$root/.venv/bin/python; fi
  "$python" -m pip --version >/dev/null 2>&1 || fail 'pip must be installed (such as: apt-get install python3-pip)'
  node -e 'process.exit(typeof util.isNullOrUndefined === "function" ? 0 : 1)' ||
    fail "tfjs-node $TFJS must run on Node 20 or 22, got $(node --version), which lacks a function that it calls"
  local new
  mkdir -p "$cache"
  new=$(mktemp -d "$cache/tfjs-node-XXXXXX")
  # Expanded now: the variable is gone when the trap runs.
  # shellcheck disable=SC2064
  trap "rm -rf '$new'" EXIT
  cd "$new"
  echo '{"private":true}' >package.json
  echo "tfjs-node: fetches tfjs-node $TFJS and tensorflow-cpu $TENSORFLOW (274 MB)" >&2
  npm install --silent --ignore-scripts --no-audit --no-fund "@tensorflow/tfjs-node@$TFJS" "node-api-headers@$HEADERS" >&2 ||
    fail 'npm could not install the packages'
  # The libraries do not depend on Python: any wheel of this platform serves, whatever Python is here.
  "$python" -m pip download --quiet --no-deps --only-binary=:all: --implementation cp --python-version 3.12 --abi cp312 \
    --platform manylinux_2_27_x86_64 --dest wheel "tensorflow-cpu==$TENSORFLOW" >&2 || fail 'pip could not download tensorflow-cpu'
  local deps=node_modules/@tensorflow/tfjs-node/deps
  "$python" - wheel/*.whl "$deps" <<'PYTHON'
import pathlib, shutil, sys, zipfile
wheel, deps = zipfile.ZipFile(sys.argv[1]), pathlib.Path(sys.argv[2])
libraries = ("tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2")
headers = ("tensorflow/include/tensorflow/c/", "tensorflow/include/tensorflow/core/platform/ctstring", "tensorflow/include/xla/tsl/", "tensorflow/include/tsl/")
for name in wheel.namelist():
    if name in libraries:
        path = deps / "lib" / pathlib.Path(name).name
    elif name.startswith(headers) and name.endswith(".h"):
        path = deps / name[len("tensorflow/"):]
    else:
        continue
    path.parent.mkdir(parents=True, exist_ok=True)
    with wheel.open(name) as source, open(path, "wb") as out:
        shutil.copyfileobj(source, out, 1 << 20)
PYTHON
  rm -r wheel
  for name in tensorflow_cc tensorflow_framework; do
    [ -s "$deps/lib/lib$name.so.2" ] || fail "the wheel of tensorflow-cpu must hold lib$name.so.2, and does not"
  done
  # The binding is linked by the names of the C interface, and loads by those that the libraries call themselves.
  ln -s libtensorflow_cc.so.2 "$deps/lib/libtensorflow.so"
  ln -s libtensorflow_framework.so.2 "$deps/lib/libtensorflow_framework.so"
  (
    cd node_modules/@tensorflow/tfjs-node
    mkdir -p lib/napi-v8
    g++ -O2 -shared -fPIC -std=c++17 -w -DNAPI_VERSION=8 -DNODE_GYP_MODULE_NAME=tfjs_binding -DBUILDING_NODE_EXTENSION \
      -I../../node-api-headers/include -Ideps/include -I.. binding/tfjs_backend.cc binding/tfjs_binding.cc -o lib/napi-v8/tfjs_binding.node \
      -Ldeps/lib -ltensorflow -ltensorflow_framework '-Wl,-rpath,$ORIGIN/../../deps/lib'
  ) || fail 'the binding could not be compiled'
  works "$new" || fail 'the library was made, but TensorFlow does not run'
  rm -rf "$folder"
  mv "$new" "$folder"
}

if ! { [ -d "$package" ] && works "$folder" 2>/dev/null; }; then (make_it); fi
# Node finds it from here by the package's plain name; its own dependencies lie beside the real folder.
[ -d "$root/node_modules" ] || fail 'npm ci must run first'
mkdir -p "$root/node_modules/@tensorflow"
link=$root/node_modules/@tensorflow/tfjs-node
if [ -e "$link" ] && [ ! -L "$link" ]; then fail "$link must not exist: an installation of another kind is there"; fi
ln -sfn "$package" "$link"
echo "tfjs-node: TensorFlow $TENSORFLOW for tfjs-node $TFJS in $folder"
