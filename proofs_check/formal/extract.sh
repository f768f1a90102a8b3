#!/bin/sh
# Build the proved programs of tables.v as an executable: extract.sh FOLDER makes FOLDER/match_tables.
# It reads covers as tables from its standard input; tables_program.ml says in which form.
# Nothing is written beside the sources. Exit status: 0 built, 1 refused, 2 Coq, MathComp or OCaml is absent.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
out=${1:?extract.sh needs the folder for the executable}
for tool in coqc ocamlfind ocamlopt; do
  command -v "$tool" >/dev/null 2>&1 || {
    echo "extract.sh: $tool is absent. It comes with the Debian package coq; libcoq-mathcomp-algebra is needed too" >&2
    exit 2
  }
done
mkdir -p "$out"
out=$(CDPATH='' cd -- "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
cp "$here/tables.v" "$here/extraction.v" "$here/tables_program.ml" "$work/"
cd "$work"
for file in tables extraction; do
  coqc -q -w -notation-overridden,-ambiguous-paths,-extraction-reserved-identifier -R . spanmatch $file.v
done
ocamlfind ocamlopt -w -a match_tables.mli match_tables.ml tables_program.ml -o "$out/match_tables"
