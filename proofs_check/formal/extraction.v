(* Turns the programs of tables.v into OCaml (match_tables.ml, written to *)
(* the current folder). Natural numbers become OCaml's integers.          *)
From Coq Require Extraction.
From Coq Require Import ExtrOcamlBasic ExtrOcamlNatInt.
From spanmatch Require Import tables.

Extraction "match_tables.ml" table_maximum table_minimal table_radii.
