(* ====================================================================== *)
(* The algorithms as programs on lists of numbers, for running (A2, A3,   *)
(* T6). Neurons are numbers, sets of neurons are lists; the cover is a    *)
(* function cov z M, in practice looked up in a table. extraction.v       *)
(* turns these programs into OCaml.                                       *)
(*                                                                        *)
(*   table_maximum cov S    == the maximum match within S: drop all       *)
(*                             violators at once, again and again         *)
(*   table_minimal cov v S  == the deletion algorithm                     *)
(*   table_radii r cap S    == the pairs (neuron, radius) in the order    *)
(*                             in which a largest residual is removed     *)
(* ====================================================================== *)
From Coq Require Import PeanoNat.
From mathcomp Require Import all_ssreflect.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Definition without (u : nat) (M : seq nat) := [seq z <- M | ~~ eqn z u].
Definition smaller (a b : nat) := if Nat.ltb a b then a else b.
Definition member (v : nat) (M : seq nat) := has (eqn v) M.

Section Programs.

Variable cov : nat -> seq nat -> bool.

Fixpoint table_rounds (n : nat) (M : seq nat) :=
  if n is n'.+1 then table_rounds n' [seq z <- M | cov z M] else M.

Definition table_maximum (S : seq nat) := table_rounds (size S) S.

Definition table_delete (v : nat) (P : seq nat) (u : nat) :=
  let Q := table_maximum (without u P) in
  if member u P && ~~ eqn u v && member v Q then Q else P.

Definition table_minimal (v : nat) (S : seq nat) :=
  foldl (table_delete v) (table_maximum S) S.

End Programs.

Section RadiusProgram.

Variable r : nat -> seq nat -> nat.

Fixpoint table_largest (M : seq nat) (best : nat) (s : seq nat) :=
  if s is z :: s' then
    table_largest M (if Nat.ltb (r best M) (r z M) then z else best) s'
  else best.

Fixpoint table_peel (n cap : nat) (M : seq nat) : seq (nat * nat) :=
  if n is n'.+1 then
    if M is z0 :: M' then
      let z := table_largest M z0 M' in
      let cap' := smaller cap (r z M) in
      (z, cap') :: table_peel n' cap' (without z M)
    else [::]
  else [::].

Definition table_radii (cap : nat) (S : seq nat) := table_peel (size S) cap S.

End RadiusProgram.

(* ----------------------------- correctness ---------------------------  *)
Lemma withoutE u M z : (z \in without u M) = (z != u) && (z \in M).
Proof. by rewrite mem_filter. Qed.

Lemma memberE v M : member v M = (v \in M).
Proof. by rewrite /member; elim: M => //= z M ->. Qed.

Lemma smaller_le a b e : (smaller a b <= e) = (a <= e) || (b <= e).
Proof.
rewrite /smaller; case: Nat.ltb_spec => [/ltP lt_ab|/leP le_ba].
  by apply/idP/orP=> [->|[//|]]; [left | apply: leq_trans (ltnW lt_ab)].
by apply/idP/orP=> [->|[|//]]; [right | apply: leq_trans le_ba].
Qed.

Section Correctness.

Variable cov : nat -> seq nat -> bool.
Hypothesis covM : forall z M N, {subset M <= N} -> cov z M -> cov z N.
Implicit Types (M N P Q S : seq nat) (u v z : nat).

(* a match, as a list                                                     *)
Definition table_match M := forall z, z \in M -> cov z M.

Lemma rounds_sub n M : {subset table_rounds cov n M <= M}.
Proof.
by elim: n M => [|n IHn] M z //= /IHn; rewrite mem_filter => /andP[].
Qed.

Lemma rounds_max n M N :
  table_match N -> {subset N <= M} -> {subset N <= table_rounds cov n M}.
Proof.
move=> mN; elim: n M => //= n IHn M NM; apply: IHn => z zN.
by rewrite mem_filter (NM _ zN) andbT; apply: covM NM (mN z zN).
Qed.

Lemma rounds_fixed n M : table_match M -> table_rounds cov n M = M.
Proof.
move=> mM; elim: n => //= n IHn; rewrite (_ : [seq z <- M | cov z M] = M) //.
by apply/all_filterP/allP.
Qed.

Lemma rounds_match n M : size M <= n -> table_match (table_rounds cov n M).
Proof.
elim: n M => [|n IHn] M; first by rewrite leqn0 size_eq0 => /eqP-> z.
have [/allP mM|bad] := boolP (all (cov^~ M) M).
  by move=> _; rewrite rounds_fixed.
move=> leMn; apply: IHn; rewrite -ltnS; apply: leq_trans leMn.
by rewrite size_filter ltn_neqAle count_size -all_count bad.
Qed.

Theorem A3_table_maximum S :
  [/\ table_match (table_maximum cov S), {subset table_maximum cov S <= S}
    & forall N, table_match N -> {subset N <= S} -> {subset N <= table_maximum cov S}].
Proof.
split=> [||N]; [exact: rounds_match | exact: rounds_sub | exact: rounds_max].
Qed.

Lemma delete_sub v P u : {subset table_delete cov v P u <= P}.
Proof.
rewrite /table_delete; case: ifP => _ z //.
by have [_ sub _] := A3_table_maximum (without u P) => /sub; rewrite withoutE => /andP[].
Qed.

Lemma foldl_delete_sub v s P : {subset foldl (table_delete cov v) P s <= P}.
Proof. by elim: s P => [|u s IHs] P z //= /IHs; apply: delete_sub. Qed.

Lemma delete_match v P u :
    table_match P -> v \in P ->
  table_match (table_delete cov v P u) /\ v \in table_delete cov v P u.
Proof.
move=> mP vP; rewrite /table_delete !memberE; case: ifP => [/andP[_ vQ]|_]; last by split.
split=> //; by have [] := A3_table_maximum (without u P).
Qed.

Lemma foldl_delete_match v s P :
    table_match P -> v \in P ->
  table_match (foldl (table_delete cov v) P s) /\ v \in foldl (table_delete cov v) P s.
Proof.
by elim: s P => //= u s IHs P mP vP; have [mP' vP'] := delete_match u mP vP; apply: IHs.
Qed.

(* whatever is still there at the end could not be removed                *)
Lemma foldl_delete_tight v s P Q u :
    u \in s -> u != v -> u \in foldl (table_delete cov v) P s ->
    table_match Q -> v \in Q -> {subset Q <= foldl (table_delete cov v) P s} ->
  u \in Q.
Proof.
elim: s P => //= w s IHs P; rewrite inE => /orP[/eqP<-{w}|us]; last exact: IHs.
move=> nuv uD mQ vQ QD; apply/negPn/negP=> uQ.
have uP' : u \in table_delete cov v P u by apply: foldl_delete_sub uD.
have [mN subN maxN] := A3_table_maximum (without u P).
have vN : v \in table_maximum cov (without u P).
  apply: (maxN Q) => // z zQ; rewrite withoutE; apply/andP; split.
    by apply: contraNneq uQ => <-.
  exact: (delete_sub (foldl_delete_sub (QD z zQ))).
move: uP'; rewrite /table_delete !memberE nuv vN andbT /=.
have -> : u \in P by apply: (delete_sub (foldl_delete_sub uD)).
by move/subN; rewrite withoutE eqxx.
Qed.

Theorem A2_table_minimal v S :
    v \in table_maximum cov S ->
  [/\ table_match (table_minimal cov v S), v \in table_minimal cov v S,
      {subset table_minimal cov v S <= S}
    & forall Q, table_match Q -> v \in Q -> {subset Q <= table_minimal cov v S} ->
        Q =i table_minimal cov v S].
Proof.
move=> vM; have [mM MS _] := A3_table_maximum S.
have [mD vD] := foldl_delete_match S mM vM; have DM := @foldl_delete_sub v S (table_maximum cov S).
split=> // [z /DM/MS //|Q mQ vQ QD u]; apply/idP/idP=> [/QD //|uD].
have [-> //|nuv] := eqVneq u v.
by apply: (foldl_delete_tight (MS u (DM u uD)) nuv uD mQ vQ QD).
Qed.

End Correctness.

Section RadiusCorrectness.

Variable r : nat -> seq nat -> nat.
Hypothesis r_anti : forall z M N, {subset M <= N} -> r z N <= r z M.

Definition table_within (e : nat) (z : nat) (M : seq nat) := r z M <= e.

Let withinM e z M N : {subset M <= N} -> table_within e z M -> table_within e z N.
Proof. by move/(r_anti z); apply: leq_trans. Qed.

Lemma largestP M best s :
  let z := table_largest r M best s in
  z \in best :: s /\ forall u, u \in best :: s -> r u M <= r z M.
Proof.
elim: s best => /= [|w s IHs] best.
  by split=> [|u]; rewrite inE // => /eqP->.
case: Nat.ltb_spec => [/ltP|/leP] lt_bw.
  have [zin zmax] := IHs w; split=> [|u]; first by rewrite inE zin orbT.
  rewrite inE => /orP[/eqP->|/zmax //].
  by apply: leq_trans (ltnW lt_bw) (zmax w _); rewrite mem_head.
have [zin zmax] := IHs best; split=> [|u].
  by move: zin; rewrite !inE => /orP[->|->]; rewrite ?orbT.
rewrite !inE => /or3P[/eqP->|/eqP->|us]; first by apply: zmax; rewrite mem_head.
  by apply: leq_trans lt_bw (zmax _ _); rewrite mem_head.
by apply: zmax; rewrite inE us orbT.
Qed.

Lemma table_peel_cons n cap z0 M' :
  let M := z0 :: M' in let z := table_largest r M z0 M' in
  let cap' := smaller cap (r z M) in
  table_peel r n.+1 cap M = (z, cap') :: table_peel r n cap' (without z M).
Proof. by []. Qed.

Theorem T6_table_radii cap S e :
    uniq S -> e < cap ->
  forall v, v \in S ->
    exists2 t, (v, t) \in table_radii r cap S
             & (t <= e) = (v \in table_maximum (table_within e) S).
Proof.
move=> uS lt_e v vS; suff gen n : size S <= n ->
    exists2 t, (v, t) \in table_peel r n cap S
             & (t <= e) = (cap <= e) || (v \in table_maximum (table_within e) S).
  have [t vt tE] := gen _ (leqnn _); exists t => //.
  by rewrite tE leqNgt lt_e.
elim: n cap S uS vS {lt_e} => [|n IHn] cap S uS vS leSn.
  by move: leSn vS; rewrite leqn0 size_eq0 => /eqP->.
case defS: S leSn => [|z0 S'] leSn; first by rewrite defS in vS.
rewrite table_peel_cons -defS; rewrite -defS in leSn; have [zin zmax] := largestP S z0 S'.
set z := table_largest r S z0 S' in zin zmax *; rewrite -defS in zin zmax.
have minE : (smaller cap (r z S) <= e) = (cap <= e) || (r z S <= e).
  exact: smaller_le.
have size_lt : size (without z S) <= n.
  rewrite -ltnS; apply: leq_trans leSn.
  rewrite size_filter -(count_predC (fun u => eqn u z) S) -[X in X < _]add0n ltn_add2r.
  by rewrite -has_count; apply/hasP; exists z => //; apply/eqnP.
have [mM MS maxM] := A3_table_maximum (@withinM e) S.
have [le_e|gt_e] := leqP (r z S) e.
  have vM : v \in table_maximum (table_within e) S.
    by apply: (maxM S) => // u uS'; apply: leq_trans (zmax u uS') le_e.
  rewrite vM orbT; have [->|nvz] := eqVneq v z.
    by exists (smaller cap (r z S)); rewrite ?mem_head // minE le_e orbT.
  have [||//|t vt tE] := IHn (smaller cap (r z S)) (without z S).
  - by rewrite filter_uniq.
  - by rewrite withoutE nvz.
  exists t; first by rewrite inE vt orbT.
  by rewrite tE minE le_e orbT.
have zM : z \notin table_maximum (table_within e) S.
  apply/negP=> zM; have := withinM MS (mM z zM).
  by rewrite /table_within leqNgt gt_e.
have [mN NS maxN] := A3_table_maximum (@withinM e) (without z S).
have sameM : (v \in table_maximum (table_within e) (without z S))
           = (v \in table_maximum (table_within e) S).
  apply/idP/idP=> [vN|vM].
    by apply: (maxM _ mN) vN => u /NS; rewrite withoutE => /andP[].
  apply: (maxN _ mM) vM => u uM; rewrite withoutE MS // andbT.
  by apply: contraNneq zM => <-.
have [evz|nvz] := eqVneq v z.
  exists (smaller cap (r z S)); first by rewrite evz mem_head.
  by rewrite minE (leqNgt (r z S)) gt_e evz (negPf zM).
have [||//|t vt tE] := IHn (smaller cap (r z S)) (without z S).
- by rewrite filter_uniq.
- by rewrite withoutE nvz.
exists t; first by rewrite inE vt orbT.
rewrite tE minE sameM.
by rewrite (leqNgt (r z S)) gt_e orbF.
Qed.

End RadiusCorrectness.
