#!/bin/sh
# Build the proved checker of certificates: build.sh FOLDER makes FOLDER/spanmatch-checker.
# Nothing is written beside the sources. Exit status: 0 built, 1 refused, 2 Coq, MathComp, OCaml or zarith is absent.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
out=${1:?build.sh needs the folder for the executable}
absent() {
  echo "build.sh: $1 is absent. The checker needs the Debian packages coq, libcoq-mathcomp-algebra and" >&2
  echo "libzarith-ocaml-dev: apt-get install coq libcoq-mathcomp-algebra libzarith-ocaml-dev" >&2
  exit 2
}
for tool in coqc ocamlfind ocamlopt; do
  command -v "$tool" >/dev/null 2>&1 || absent "$tool"
done
[ -d "$(coqc -where)/user-contrib/mathcomp/algebra" ] || absent "MathComp"
[ -e "$(ocamlfind query zarith 2>/dev/null)/zarith.cmxa" ] || absent "zarith"
mkdir -p "$out"
out=$(CDPATH='' cd -- "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cp "$here/../checker.v" "$here/extraction.v" "$here"/*.ml "$work/"
cd "$work"
for file in checker extraction; do
  coqc -q -w -notation-overridden,-ambiguous-paths,-extraction-reserved-identifier -R . spanmatch $file.v
done
ocamlfind ocamlopt -w -a -package zarith -linkpkg integer.ml checker.mli checker.ml sha256.ml json.ml activations.ml \
  advice.ml main.ml -o "$out/spanmatch-checker"
