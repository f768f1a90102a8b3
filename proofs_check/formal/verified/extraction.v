(* Turns the checker of checker.v into OCaml (checker.ml, written to the  *)
(* current folder), with the library zarith's integers for Z. These lines *)
(* are believed: each says what stands for a type or function of Coq.     *)
From Coq Require Extraction.
From Coq Require Import ZArith ExtrOcamlBasic.
From spanmatch Require Import checker.

Extract Inductive positive => "Integer.t"
  [ "Integer.twice_plus_one" "Integer.twice" "Integer.one" ] "Integer.match_positive".
Extract Inductive Z => "Integer.t"
  [ "Integer.zero" "(fun p -> p)" "Integer.neg" ] "Integer.match_integer".

Extract Inlined Constant Z.add => "Integer.add".
Extract Inlined Constant Z.sub => "Integer.sub".
Extract Inlined Constant Z.mul => "Integer.mul".
Extract Inlined Constant Z.abs => "Integer.abs".
Extract Inlined Constant Z.min => "Integer.min".
Extract Inlined Constant Z.max => "Integer.max".
Extract Inlined Constant Z.eqb => "Integer.equal".
Extract Inlined Constant Z.leb => "Integer.leq".
Extract Inlined Constant Z.ltb => "Integer.lt".
Extract Inlined Constant Z.div2 => "Integer.div2".
Extract Inlined Constant Z.log2 => "Integer.log2".
Extract Inlined Constant Z.shiftl => "Integer.shiftl".

Extraction "checker.ml" accepts.
