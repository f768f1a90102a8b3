#!/bin/sh
# Check every proof of this folder: compile in dependency order, refuse unfinished proofs and axioms,
# and require that each headline theorem rests on nothing but the logic itself.
# Usage: build.sh [--coqchk] [--keep FOLDER]
#   --coqchk       have coqchk check the compiled files once more (minutes, not seconds)
#   --keep FOLDER  compile in FOLDER and leave the result there (otherwise in a temporary folder)
# Nothing is written beside the sources. Exit status: 0 proved, 1 refused, 2 Coq or MathComp is absent.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
files="cover peeling minimal pairs span residual levels duality digraph algorithms tables euclid counterexample main stable bounds checker integers queries replays checked"
coqchk=no
keep=
while [ $# -gt 0 ]; do
  case $1 in
    --coqchk) coqchk=yes ;;
    --keep) keep=${2:?--keep needs a folder}; shift ;;
    *) echo "build.sh: unknown argument '$1' (known: --coqchk, --keep FOLDER)" >&2; exit 1 ;;
  esac
  shift
done

absent() {
  echo "build.sh: $1 is absent. The proofs need the two Debian packages coq and libcoq-mathcomp-algebra" >&2
  echo "(Debian bookworm: Coq 8.16.1, MathComp 1.15.0): apt-get install coq libcoq-mathcomp-algebra" >&2
  exit 2
}
command -v coqc >/dev/null 2>&1 || absent "Coq (the command coqc)"
[ -d "$(coqc -where)/user-contrib/mathcomp/algebra" ] || absent "the library MathComp (its part 'algebra')"

for file in $files assumptions; do
  if grep -nE '\b(Admitted|admit|give_up|Axioms?|Parameters?|Conjectures?|Abort|bypass_check)\b|Unset (Guard|Positivity|Universe) Checking' \
      "$here/$file.v"; then
    echo "build.sh: unfinished proof or axiom in $file.v" >&2
    exit 1
  fi
done
for path in "$here"/*.v; do
  case " $files assumptions extraction " in
    *" $(basename "$path" .v) "*) ;;
    *) echo "build.sh: $(basename "$path") is not in the list of files" >&2; exit 1 ;;
  esac
done

# A headline theorem is one whose name begins with an id of the theory (T6_..., A2_..., D1_...).
headlines() {
  for file in $files; do
    sed -nE 's/^(Theorem|Lemma|Corollary) ([DTA][0-9]+_[A-Za-z0-9_]+).*/\2/p' "$here/$file.v"
  done | sort
}

if [ -n "$keep" ]; then
  work=$keep; mkdir -p "$work"
else
  work=$(mktemp -d); trap 'rm -rf "$work"' EXIT INT TERM
fi
headlines >"$work/headlines"
sed -nE 's/^Print Assumptions ([A-Za-z0-9_]+)\.$/\1/p' "$here/assumptions.v" | sort >"$work/printed"
if ! cmp -s "$work/headlines" "$work/printed"; then
  echo "build.sh: assumptions.v does not list exactly the headline theorems (< defined, > listed):" >&2
  diff "$work/headlines" "$work/printed" >&2 || true
  exit 1
fi

start=$(date +%s)
for file in $files assumptions; do cp "$here/$file.v" "$work/"; done
cd "$work"
options="-q -w -notation-overridden,-ambiguous-paths,-overriding-delimiting-key,-hiding-delimiting-key -R . spanmatch"
# shellcheck disable=SC2086
compile() { coqc $options "$@"; }
# Two files at a time, a file when those that it needs are done; one after the other where make is absent.
if command -v make >/dev/null 2>&1; then
  targets=; for file in $files; do targets="$targets $file.vo"; done
  { printf '%%.vo: %%.v\n\t@coqc %s $< || { echo "build.sh: $< is refused" >&2; exit 1; }\n' "$options"
    # shellcheck disable=SC2086
    coqdep -R . spanmatch $(echo $targets | sed 's/\.vo/.v/g')
  } >rules.make
  # shellcheck disable=SC2086
  make -s -j 2 -f rules.make $targets || exit 1
else
  for file in $files; do
    compile "$file.v" || { echo "build.sh: $file.v is refused" >&2; exit 1; }
  done
fi
compile assumptions.v >assumptions.out
closed=$(grep -c '^Closed under the global context$' assumptions.out || true)
want=$(wc -l <printed)
sed -nE 's/^Print Assumptions ([A-Za-z0-9_]+)\.$/\1/p' assumptions.v >names
if [ "$closed" -ne "$want" ] || [ "$closed" -ne "$(wc -l <assumptions.out)" ]; then
  cat assumptions.out >&2
  echo "build.sh: only $closed of $want headline theorems are closed under the global context" >&2
  exit 1
fi
paste -d ' ' names assumptions.out | sed 's/ /: /'
echo "$closed of $want headline theorems are closed under the global context; built in $(($(date +%s) - start)) s"

if [ "$coqchk" = yes ]; then
  start=$(date +%s)
  modules=; for file in $files; do modules="$modules spanmatch.$file"; done
  # shellcheck disable=SC2086
  command coqchk -silent -o -R . spanmatch $modules
  echo "coqchk accepts all $(echo $modules | wc -w) files; it took $(($(date +%s) - start)) s"
fi
