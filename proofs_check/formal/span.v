(* ====================================================================== *)
(* Exact matches, over an arbitrary field F: a neuron with activation     *)
(* vector z is covered by a set of neurons when z lies in the span of     *)
(* their activation vectors.                                              *)
(*                                                                        *)
(*   span_of z A      == span of the family z over the set A              *)
(*   indep z A        == the family z over A is linearly independent      *)
(*   in_span zX zY x B == the exact cover predicate                       *)
(* ====================================================================== *)
From mathcomp Require Import all_ssreflect all_algebra.
From spanmatch Require Import cover peeling minimal pairs.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory.
Local Open Scope ring_scope.

Section Span.

Variables (F : fieldType) (V : vectType F) (I : finType) (z : I -> V).
Implicit Types (A B : {set I}) (U : {vspace V}).

Definition span_of A : {vspace V} := <<[seq z i | i <- enum A]>>%VS.

Definition indep A := free [seq z i | i <- enum A].

(* the span in elementary terms                                           *)
Lemma span_ofP A v :
  reflect (exists k : I -> F, v = \sum_(i in A) k i *: z i) (v \in span_of A).
Proof.
rewrite /span_of span_def big_map big_enum /=.
apply: (iffP memv_sumP) => [[vs vsP ->]|[k ->]]; last first.
  by exists (fun i => k i *: z i) => // i _; apply/memvZ/memv_line.
have /fin_all_exists[k kP] i : exists k, i \in A -> vs i = k *: z i.
  by have [/vsP/vlineP[k ->]|_] := boolP (i \in A); [exists k | exists 0].
by exists k; apply: eq_bigr => i /kP.
Qed.

(* linear independence in elementary terms                                *)
Lemma indepP A :
  reflect (forall k : I -> F, \sum_(i in A) k i *: z i = 0 -> {in A, forall i, k i = 0})
          (indep A).
Proof.
have sumE (k : I -> F) :
    \sum_(i in A) k i *: z i = \sum_(j < #|A|) k (enum_val j) *: (image_tuple z A)`_j.
  rewrite (big_enum_val (fun i => k i *: z i)) /=.
  by apply: eq_bigr => j _; rewrite nth_image.
rewrite /indep (_ : [seq z i | i <- enum A] = image_tuple z A) //.
apply: (iffP freeP) => ind k sum0 i => [iA|].
  have := ind (k \o enum_val) _ (enum_rank_in iA i).
  by rewrite /= enum_rankK_in // -sumE; apply.
have iA := enum_valP i; rewrite -[i](enum_valK_in iA).
apply: (ind (k \o enum_rank_in iA)) => //.
by rewrite sumE -[RHS]sum0; apply: eq_bigr => j _; rewrite /= enum_valK_in.
Qed.

Lemma mem_span_of A i : i \in A -> z i \in span_of A.
Proof. by move=> iA; apply/memv_span/map_f; rewrite mem_enum. Qed.

Lemma span_of_subP A U :
  reflect {in A, forall i, z i \in U} (span_of A <= U)%VS.
Proof.
apply: (iffP span_subvP) => [sub i iA | sub _ /mapP[i iA ->]].
  by apply/sub/map_f; rewrite mem_enum.
by apply: sub; rewrite mem_enum in iA.
Qed.

Lemma span_ofS A B : A \subset B -> (span_of A <= span_of B)%VS.
Proof. by move/subsetP=> AB; apply/span_of_subP=> i /AB/mem_span_of. Qed.

Lemma span_ofU A B : span_of (A :|: B) = (span_of A + span_of B)%VS.
Proof.
apply/eqP; rewrite eqEsubv subv_add !span_ofS ?subsetUl ?subsetUr // !andbT.
apply/span_of_subP=> i; rewrite inE => /orP[] /mem_span_of; apply/subvP.
  exact: addvSl.
exact: addvSr.
Qed.

Lemma indepS A B : B \subset A -> indep A -> indep B.
Proof.
move=> BA; rewrite /indep -(@perm_free _ _ ([seq z i | i <- enum B ++ enum (A :\: B)])).
  by rewrite map_cat => /catl_free.
apply/perm_map/uniq_perm=> [||i]; last first.
  rewrite mem_cat !mem_enum inE; have := subsetP BA i.
  by case: (i \in B) (i \in A) => [] [] //= /(_ isT).
- exact: enum_uniq.
rewrite cat_uniq !enum_uniq andbT /=; apply/hasPn=> i.
by rewrite mem_enum inE => /andP[niB _] /=; rewrite mem_enum.
Qed.

Lemma dim_span_of A : indep A -> (\dim (span_of A) = #|A|)%N.
Proof. by move/eqP; rewrite size_map -cardE. Qed.

Lemma span_ofI M A B :
    indep M -> A \subset M -> B \subset M ->
  span_of (A :&: B) = (span_of A :&: span_of B)%VS.
Proof.
move=> ind AM BM; apply/eqP.
rewrite eqEdim subv_cap !span_ofS ?subsetIl ?subsetIr //=.
rewrite -(leq_add2l (\dim (span_of A + span_of B)%VS)) dimv_sum_cap.
have UM : A :|: B \subset M by rewrite subUset AM.
have IM : A :&: B \subset M by apply: subset_trans AM; apply: subsetIl.
rewrite -span_ofU (dim_span_of (indepS UM ind)) (dim_span_of (indepS IM ind)).
by rewrite (dim_span_of (indepS AM ind)) (dim_span_of (indepS BM ind)) cardsUI.
Qed.

(* over an independent family the coefficients of a vector are unique,    *)
(* so a vector lies in the span of A iff A holds its non-zero coefficients *)
Lemma mem_span_of_support M A (k : I -> F) v :
    indep M -> A \subset M -> v = \sum_(i in M) k i *: z i ->
  (v \in span_of A) = [forall i in M, (k i != 0) ==> (i \in A)].
Proof.
move=> ind AM defv; apply/span_ofP/forall_inP=> [[l vl] i iM|supp].
  apply/implyP; apply: contraNT => iA.
  pose l' j := if j \in A then l j else 0.
  have sum0 : \sum_(j in M) (k j - l' j) *: z j = 0.
    under eq_bigr do rewrite scalerBl.
    rewrite sumrB -defv vl; apply/eqP; rewrite subr_eq0; apply/eqP.
    rewrite big_mkcond [RHS]big_mkcond /=; apply: eq_bigr => j _; rewrite /l'.
    by case: ifP => [/(subsetP AM)->|]; rewrite ?scale0r // if_same.
  by have := indepP _ ind _ sum0 i iM; rewrite /l' (negPf iA) subr0 => ->.
exists k; rewrite defv big_mkcond [RHS]big_mkcond /=; apply: eq_bigr => i _.
have [iM|iM] := ifP; last by case: ifP => // /(subsetP AM); rewrite iM.
by have := supp i iM; case: eqP => [->|_ /= ->//]; rewrite scale0r if_same.
Qed.

End Span.

Section Exact.

Variables (F : fieldType) (V : vectType F) (X Y : finType).
Variables (zX : X -> V) (zY : Y -> V).

Definition in_span (I J : finType) (zI : I -> V) (zJ : J -> V) i (B : {set J}) :=
  zI i \in span_of zJ B.

Lemma in_spanM (I J : finType) (zI : I -> V) (zJ : J -> V) i (A B : {set J}) :
  A \subset B -> in_span zI zJ i A -> in_span zI zJ i B.
Proof. by move/(span_ofS zJ)/subvP; apply. Qed.

Local Notation exact_match := (is_match (in_span zX zY) (in_span zY zX)).

(* exact matches are the pairs that span the same subspace                *)
Theorem exact_matchE P : exact_match P = (span_of zX P.1 == span_of zY P.2).
Proof.
rewrite eqEsubv /is_match; congr (_ && _).
  by apply/forall_inP/span_of_subP.
by apply/forall_inP/span_of_subP.
Qed.

Local Notation exact_max := (max_match (in_span zX zY) (in_span zY zX) (pT X Y)).

Lemma exact_match_sub P : exact_match P -> psub P exact_max.
Proof.
have [_ _ maxM] := max_match_spec (@in_spanM _ _ zX zY) (@in_spanM _ _ zY zX) (pT X Y).
by move=> mP; apply: maxM => //; rewrite /psub !subsetT.
Qed.

(* From here on only the neurons of the maximum match have to be linearly *)
(* independent (T9's hypothesis), not all neurons.                        *)
Section Independent.

Hypotheses (indX : indep zX exact_max.1) (indY : indep zY exact_max.2).

(* ... so independent families are matched in equal numbers               *)
Theorem exact_match_card P : exact_match P -> #|P.1| = #|P.2|.
Proof.
move=> mP; have /andP[sX sY] := exact_match_sub mP.
move: mP; rewrite exact_matchE => /eqP eqs.
by rewrite -(dim_span_of (indepS sX indX)) -(dim_span_of (indepS sY indY)) eqs.
Qed.

(* and their exact matches are closed under intersection                  *)
Theorem exact_match_cap_closed :
  match_cap_closed (in_span zX zY) (in_span zY zX).
Proof.
move=> P Q mP mQ; have /andP[sPX sPY] := exact_match_sub mP.
have /andP[sQX sQY] := exact_match_sub mQ; move: mP mQ.
rewrite !exact_matchE => /eqP eP /eqP eQ.
by rewrite (span_ofI indX) // (span_ofI indY) // eP eQ.
Qed.

Corollary exact_vminimal_unique v :
    pin v exact_max -> exists! P, is_vminimal (in_span zX zY) (in_span zY zX) v P.
Proof.
apply: T9_cover_unique_minimal exact_match_cap_closed _.
  by move=> x A B; apply: in_spanM.
by move=> y A B; apply: in_spanM.
Qed.

End Independent.

End Exact.
