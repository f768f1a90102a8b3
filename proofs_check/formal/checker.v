(* ====================================================================== *)
(* A checker of certificates (A8) that calculates with integers only and  *)
(* is made to be run: extraction.v of the folder verified turns it into   *)
(* OCaml. checked.v proves that what it accepts is true.                  *)
(*                                                                        *)
(* An activation is m * 2^e, as a pair (m, e). Every neuron's activations *)
(* are multiplied by a power of two that makes them integers, all of      *)
(* nearly the same norm. From then on only inner products are used.       *)
(* For a neuron u, a set T of neurons of the other network, q > 0 and     *)
(* coefficients c, let w = q u - (sum of c_t z_t over T). Then            *)
(*                                                                        *)
(*   |w|^2 - |Z_T^T w|^2 / s  <=  q^2 dist(u, span T)^2  <=  |w|^2,       *)
(*                                                                        *)
(* s a lower bound of the least eigenvalue of the other network's inner   *)
(* products; the distance is |w|^2 / q^2 when all <z_t, w> are 0.         *)
(* ====================================================================== *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Local Open Scope Z_scope.

Definition dyadic := (Z * Z)%type.

(* a neuron: whether it is of network Y, and its index; a pair of sets of *)
(* neurons: for each index whether it is in                               *)
Definition neuron := (bool * nat)%type.
Definition masks := (seq bool * seq bool)%type.

(* coefficients / denominator approximate a neuron                        *)
Record witness := Witness { denominator : Z; coefficients : seq Z }.
Definition step := (neuron * witness)%type.

(* scale * (inner products) = weight * L L^T + E, and the eigenvalues of  *)
(* E are at least least; least = 0 claims nothing                         *)
Record factor := Factor { scale : Z; weight : Z; lower : seq (seq Z); least : Z }.

(* What proves a claim. Nothing in it is believed.                        *)
Record advice := Advice {
  factor_x : factor;
  factor_y : factor;
  members : seq step;                      (* each is near the other side *)
  peeled : seq step;                       (* each is beyond when removed *)
  evictions : seq (neuron * seq step)      (* what falls without a member *)
}.

(* ---------------------------- inner products -------------------------- *)

Fixpoint zdot (s : Z) (a b : seq Z) : Z :=
  match a, b with
  | x :: a', y :: b' => zdot (s + x * y) a' b'
  | _, _ => s
  end.

Definition exponent (c : seq dyadic) := foldl (fun e x => Z.min e x.2) 0 c.

Definition integral (c : seq dyadic) :=
  let e := exponent c in [seq Z.shiftl x.1 (x.2 - e) | x <- c].

Definition bits (c : seq Z) := Z.div2 (Z.log2 (zdot 0 c c)).

Definition most_bits (C : seq (seq Z)) := foldl (fun b c => Z.max b (bits c)) 0 C.

Definition enlarged (b : Z) (c : seq Z) :=
  let k := Z.max 0 (b - bits c) in [seq Z.shiftl x k | x <- c].

(* of the neurons of a network: |z_i|^2, <z_i, z_j>, and <z_i, z'_j> with *)
(* those of the other network                                             *)
Record layer := Layer { norms : seq Z; inner : seq (seq Z); outer : seq (seq Z) }.

Definition products (C C' : seq (seq Z)) := [seq [seq zdot 0 a b | b <- C'] | a <- C].

Definition layer_of (C C' : seq (seq Z)) :=
  Layer [seq zdot 0 a a | a <- C] (products C C) (products C C').

(* products C C, each product once                                        *)
Fixpoint gram (C : seq (seq Z)) : seq (seq Z) :=
  if C is a :: C' then
    let row := [seq zdot 0 a b | b <- C'] in
    (zdot 0 a a :: row) :: [seq p.1 :: p.2 | p <- zip row (gram C')]
  else [::].

Definition columns (X Y : seq (seq dyadic)) :=
  let X' := map integral X in
  let Y' := map integral Y in
  let b := most_bits (X' ++ Y') in
  (map (enlarged b) X', map (enlarged b) Y').

(* layer_of C C' and layer_of C' C, from one table of products            *)
Definition layers (X Y : seq (seq dyadic)) :=
  let: (C, C') := columns X Y in
  let m := size C in
  let G := gram (C ++ C') in
  (Layer [seq zdot 0 a a | a <- C] (map (take m) (take m G)) (map (drop m) (take m G)),
   Layer [seq zdot 0 a a | a <- C'] (map (drop m) (drop m G)) (map (take m) (drop m G))).

Fixpoint same_length (T T' : Type) (a : seq T) (b : seq T') :=
  match a, b with
  | _ :: a', _ :: b' => same_length a' b'
  | [::], [::] => true
  | _, _ => false
  end.

Definition rectangular (X Y : seq (seq dyadic)) :=
  all (same_length (head [::] (X ++ Y))) (X ++ Y).

(* ------------------------- one neuron, one set ------------------------ *)

(* c where T holds, else 0                                                *)
Definition restrict (T : seq bool) (c : seq Z) := [seq if p.1 then p.2 else 0 | p <- zip T c].

Definition sum_of_squares (c : seq Z) := zdot 0 c c.

(* G: inner products of the other network; g: of u with it; n = |u|^2     *)
Section Query.

Variables (num den : Z) (G : seq (seq Z)) (n : Z) (g : seq Z) (T : seq bool) (w : witness).

Let q := denominator w.
Let c := restrict T (coefficients w).

(* <w, z_t> for all t; |w|^2                                              *)
Definition remainders := [seq q * p.1 - zdot 0 p.2 c | p <- zip g G].
Definition remaining (r : seq Z) := q * q * n - zdot 0 c [seq q * p.1 + p.2 | p <- zip g r].

Definition near :=
  (0 <? q) && (den * den * remaining remainders <=? num * num * (q * q * n)).

Definition beyond (f : factor) :=
  let r := remainders in
  let inside := sum_of_squares (restrict T r) in
  let bound := num * num * (q * q * n) in
  (0 <? q) &&
  (if inside =? 0 then bound <? den * den * remaining r
   else (0 <? least f) &&
        (least f * bound <? den * den * (least f * remaining r - scale f * inside))).

End Query.

(* -------------------------- the least eigenvalue ---------------------- *)

Definition alive (l : layer) := [seq ~~ (n =? 0) | n <- norms l].

Definition error_row (l : layer) (f : factor) (k : nat) :=
  let g := nth [::] (inner l) k in
  let a := nth [::] (lower f) k in
  [seq scale f * nth 0 g j - weight f * zdot 0 a (nth [::] (lower f) j)
     | j <- iota 0 (size (norms l))].

(* E_kk - (sum of the other |E_kj|) >= least, dead neurons left out       *)
Definition dominant (l : layer) (f : factor) (k : nat) :=
  let e := error_row l f k in
  let others := foldl Z.add 0 (map Z.abs (restrict (alive l) e)) in
  least f + others <=? nth 0 e k + Z.abs (nth 0 e k).

Definition proved (l : layer) (f : factor) :=
  (least f =? 0) ||
  [&& 0 <? scale f, 0 <=? weight f, 0 <? least f
    & all (fun k => ~~ nth false (alive l) k || dominant l f k) (iota 0 (size (norms l)))].

(* ------------------------------- the claim ---------------------------- *)

Fixpoint included1 (A B : seq bool) :=
  match A with
  | [::] => true
  | a :: A' => (~~ a || head false B) && included1 A' (behead B)
  end.

Definition included (P Q : masks) := included1 P.1 Q.1 && included1 P.2 Q.2.

Definition has (P : masks) (u : neuron) := nth false (if u.1 then P.2 else P.1) u.2.

(* P with u put in (b = true) or taken out                                *)
Definition mark (b : bool) (u : neuron) (P : masks) : masks :=
  if u.1 then (P.1, set_nth false P.2 u.2 b) else (set_nth false P.1 u.2 b, P.2).

Section Check.

Variables (num den : Z) (x y : layer) (fx fy : factor).

Definition near_pair (P : masks) (s : step) :=
  let: ((of_y, i), w) := s in
  if of_y then near num den (inner x) (nth 0 (norms y) i) (nth [::] (outer y) i) P.1 w
  else near num den (inner y) (nth 0 (norms x) i) (nth [::] (outer x) i) P.2 w.

Definition beyond_pair (P : masks) (s : step) :=
  let: ((of_y, i), w) := s in
  if of_y then beyond num den (inner x) (nth 0 (norms y) i) (nth [::] (outer y) i) P.1 w fx
  else beyond num den (inner y) (nth 0 (norms x) i) (nth [::] (outer x) i) P.2 w fy.

(* every neuron of P is among the steps, and near                         *)
Fixpoint matches (P todo : masks) (steps : seq step) :=
  if steps is s :: steps' then near_pair P s && matches P (mark false s.1 todo) steps'
  else included todo ([::], [::]).

(* what is left of P when the steps are peeled off it                     *)
Fixpoint peel (P : masks) (steps : seq step) : option masks :=
  if steps is s :: steps' then
    if beyond_pair P s then peel (mark false s.1 P) steps' else None
  else Some P.

(* every neuron of P is needed; N are those known to be                   *)
Fixpoint needed (P N : masks) (evicted : seq (neuron * seq step)) :=
  if evicted is (u, steps) :: evicted' then
    (if peel (mark false u P) steps is Some rest then ~~ included N rest else false)
      && needed P (mark true u N) evicted'
  else included P N.

End Check.

(* all neurons, less the dead ones unless they are kept                   *)
Definition start (keep : bool) (x y : layer) : masks :=
  ([seq keep || b | b <- alive x], [seq keep || b | b <- alive y]).

(* Whether the advice proves that M is the maximum match of X and Y at    *)
(* num / den, or with a neuron v that it is a v-minimal match.            *)
Definition accepts (advise : layer * layer -> advice) (X Y : seq (seq dyadic))
    (num den : Z) (keep : bool) (M : masks) (v : option neuron) : bool :=
  let: (x, y) := layers X Y in
  let a := advise (x, y) in
  let all := start keep x y in
  let fx := factor_x a in
  let fy := factor_y a in
  [&& rectangular X Y, 0 <=? num, 0 <? den, proved x fx, proved y fy,
      included M all, matches num den x y M M (members a)
    & if v is Some u then has M u && needed num den x y fx fy M (mark true u ([::], [::])) (evictions a)
      else if peel num den x y fx fy all (peeled a) is Some rest then included rest M else false].
