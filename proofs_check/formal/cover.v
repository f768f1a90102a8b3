(* ====================================================================== *)
(* Covers on one finite type T of neurons (D8, T2, T3, T5).               *)
(*                                                                        *)
(* T is the disjoint union X + Y of the neurons of two networks (pairs.v  *)
(* makes the translation); a set M : {set T} stands for the pair (A, B).  *)
(* The only datum is cov z M, "neuron z is covered by the set M"; the     *)
(* only hypothesis is that it is monotone in M.                           *)
(*                                                                        *)
(*   stable cov M   == every neuron of M is covered by M: M is a match    *)
(*   maxst cov S    == the union of all stable subsets of S: the maximum  *)
(*                     match inside S                                     *)
(*   cap_closed cov == stable sets are closed under intersection          *)
(* ====================================================================== *)
From mathcomp Require Import all_ssreflect.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Section Defs.

Variables (T : finType) (cov : T -> {set T} -> bool).
Implicit Types (M N S V : {set T}) (v z : T) (s : seq T).

Definition cov_monotone :=
  forall z (M N : {set T}), M \subset N -> cov z M -> cov z N.

Definition stable M := [forall z in M, cov z M].

Definition maxst S := \bigcup_(M : {set T} | stable M && (M \subset S)) M.

Definition cap_closed :=
  forall M N, stable M -> stable N -> stable (M :&: N).

End Defs.

Section Theory.

Variables (T : finType) (cov : T -> {set T} -> bool).
Hypothesis covM : cov_monotone cov.
Implicit Types (M N R S V : {set T}) (u v z : T) (s : seq T).

Local Notation stable := (stable cov).
Local Notation maxst := (maxst cov).

Lemma stableP M : reflect {in M, forall z, cov z M} (stable M).
Proof. exact: forall_inP. Qed.

(* ---------------------------------------------------------------------- *)
(* Unions of matches (T2)                                                 *)
(* ---------------------------------------------------------------------- *)

Lemma stable0 : stable set0.
Proof. by apply/stableP=> z; rewrite inE. Qed.

Theorem stable_bigcup (I : finType) (P : pred I) (F : I -> {set T}) :
  (forall i, P i -> stable (F i)) -> stable (\bigcup_(i | P i) F i).
Proof.
move=> stF; apply/stableP=> z /bigcupP[i Pi zFi].
exact: covM (bigcup_sup i Pi) (stableP _ (stF i Pi) z zFi).
Qed.

Theorem stableU M N : stable M -> stable N -> stable (M :|: N).
Proof.
move=> /stableP sM /stableP sN; apply/stableP=> z; rewrite inE.
case/orP=> [/sM|/sN]; apply: covM; [exact: subsetUl | exact: subsetUr].
Qed.

(* ---------------------------------------------------------------------- *)
(* The maximum stable set inside S exists and is unique                   *)
(* ---------------------------------------------------------------------- *)

Lemma maxst_stable S : stable (maxst S).
Proof. by apply: stable_bigcup => M /andP[]. Qed.

Lemma maxst_sub S : maxst S \subset S.
Proof. by apply/bigcupsP=> M /andP[]. Qed.

Lemma maxst_max S M : stable M -> M \subset S -> M \subset maxst S.
Proof. by move=> sM MS; apply: (bigcup_sup M); rewrite sM. Qed.

Theorem maxst_unique S M :
    stable M -> M \subset S ->
    (forall N, stable N -> N \subset S -> N \subset M) ->
  M = maxst S.
Proof.
move=> sM MS maxM; apply/eqP; rewrite eqEsubset maxst_max //=.
by apply: maxM; [exact: maxst_stable | exact: maxst_sub].
Qed.

Lemma maxst_id M : stable M -> maxst M = M.
Proof. by move=> sM; apply/esym/maxst_unique. Qed.

Lemma maxstS S1 S2 : S1 \subset S2 -> maxst S1 \subset maxst S2.
Proof.
move=> S12; apply: maxst_max; first exact: maxst_stable.
exact: subset_trans (maxst_sub _) S12.
Qed.

Lemma maxst_squeeze S M :
  maxst S \subset M -> M \subset S -> maxst M = maxst S.
Proof.
move=> lo hi; apply/eqP; rewrite eqEsubset maxstS //=.
by rewrite -{1}(maxst_id (maxst_stable S)) maxstS.
Qed.

(* ---------------------------------------------------------------------- *)
End Theory.

(* ---------------------------------------------------------------------- *)
(* Relaxing the cover predicate enlarges the maximum match                *)
(* ---------------------------------------------------------------------- *)

Theorem stable_relax (T : finType) (cov1 cov2 : T -> {set T} -> bool)
    (M : {set T}) :
  (forall z M, cov1 z M -> cov2 z M) -> stable cov1 M -> stable cov2 M.
Proof.
by move=> c12 /stableP sM; apply/stableP=> z zM; apply: c12 (sM z zM).
Qed.

Theorem maxst_relax (T : finType) (cov1 cov2 : T -> {set T} -> bool)
    (S1 S2 : {set T}) :
    cov_monotone cov1 ->
    (forall z M, cov1 z M -> cov2 z M) -> S1 \subset S2 ->
  maxst cov1 S1 \subset maxst cov2 S2.
Proof.
move=> cov1M c12 S12; apply: maxst_max; last first.
  exact: subset_trans (maxst_sub _ _) S12.
exact/(stable_relax c12)/maxst_stable.
Qed.


Lemma eq_stable (T : finType) (cov1 cov2 : T -> {set T} -> bool) (M : {set T}) :
  (forall z M, cov1 z M = cov2 z M) -> stable cov1 M = stable cov2 M.
Proof. by move=> c12; apply: eq_forallb => z; rewrite c12. Qed.

Lemma eq_maxst (T : finType) (cov1 cov2 : T -> {set T} -> bool) (S : {set T}) :
  (forall z M, cov1 z M = cov2 z M) -> maxst cov1 S = maxst cov2 S.
Proof. by move=> c12; apply: eq_bigl => M; rewrite (eq_stable M c12). Qed.
