(* ====================================================================== *)
(* Simple and v-minimal matches; the deletion algorithm (T7, A2, and the  *)
(* part of T9 that follows from closure under intersection).              *)
(*                                                                        *)
(*   simple cov M     == M is stable, non-empty and not the union of the  *)
(*                       stable sets strictly below it (D5)               *)
(*   vminimal cov v M == M is minimal among stable sets with v (D6)        *)
(*   shrink cov v s M == deletion algorithm, trying the neurons of s      *)
(* ====================================================================== *)
From mathcomp Require Import all_ssreflect.
From spanmatch Require Import cover peeling.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Section Defs.

Variables (T : finType) (cov : T -> {set T} -> bool).
Implicit Types (M N S V : {set T}) (v z : T) (s : seq T).

Local Notation stable := (stable cov).
Local Notation maxst := (maxst cov).

Definition simple M :=
  [&& stable M, M != set0
    & \bigcup_(N : {set T} | stable N && (N \proper M)) N != M].

Definition vminimal v M := minset (fun N => stable N && (v \in N)) M.

Definition shrink1 v M u :=
  if (u \in M) && (u != v) && (v \in maxst (M :\ u)) then maxst (M :\ u) else M.

Definition shrink v s M := foldl (shrink1 v) M s.

End Defs.

Section Theory.

Variables (T : finType) (cov : T -> {set T} -> bool).
Hypothesis covM : cov_monotone cov.
Implicit Types (M N R S V : {set T}) (u v z : T) (s : seq T).

Local Notation stable := (stable cov).
Local Notation maxst := (maxst cov).
Local Notation simple := (simple cov).
Local Notation vminimal := (vminimal cov).
Local Notation shrink1 := (shrink1 cov).
Local Notation shrink := (shrink cov).

Local Notation stableP := (@stableP T cov).
Local Notation stable0 := (stable0 cov).
Local Notation stableU := (@stableU T cov covM _ _).
Local Notation maxst_sub := (@maxst_sub T cov).
Local Notation maxst_stable := (@maxst_stable T cov covM).
Local Notation maxst_id := (@maxst_id T cov covM _).
Local Notation maxstS := (@maxstS T cov covM _ _).
Local Notation maxst_squeeze := (@maxst_squeeze T cov covM _ _).

Lemma vminimalP v M :
  reflect [/\ stable M, v \in M
            & forall N, stable N -> v \in N -> N \subset M -> N = M]
          (vminimal v M).
Proof.
apply: (iffP minsetP) => [[/andP[sM vM] minM]|[sM vM minM]]; split=> //.
- by move=> N sN vN; apply: minM; rewrite sN.
- by rewrite sM.
- by move=> N /andP[]; apply: minM.
Qed.

Lemma vminimal_exists v M :
  stable M -> v \in M -> exists2 N, vminimal v N & N \subset M.
Proof.
move=> sM vM; have [|N minN NM] := @minset_exists _
  (fun N => stable N && (v \in N)) M; first by rewrite sM.
by exists N.
Qed.

(* "Not a union of strictly smaller matches": for the union of all        *)
(* smaller ones (the definition), for any family, or just for two.        *)
Lemma simple_familyP M :
  reflect [/\ stable M, M != set0
            & forall P : {set {set T}},
                {in P, forall N, stable N && (N \proper M)} -> cover P != M]
          (simple M).
Proof.
apply: (iffP and3P) => -[sM nzM decM]; split=> //.
  move=> P ltP; apply: contraNneq decM => defM.
  rewrite eqEsubset; apply/andP; split.
    by apply/bigcupsP=> N /andP[_ /proper_sub].
  by rewrite -{1}defM; apply/bigcupsP=> N /ltP; apply: (bigcup_sup N).
apply: contraNneq (decM [set N | stable N && (N \proper M)] _); last first.
  by move=> N; rewrite inE.
move=> defM; rewrite /cover -[X in _ == X]defM; apply/eqP.
by apply: eq_bigl => N; rewrite inE.
Qed.

(* simple = v-minimal for some v                                          *)
Theorem simple_vminimal M : reflect (exists v, vminimal v M) (simple M).
Proof.
apply: (iffP and3P) => [[sM nzM decM]|[v /vminimalP[sM vM minM]]].
  have: ~~ (M \subset \bigcup_(N : {set T} | stable N && (N \proper M)) N).
    apply: contra decM => subM; rewrite eqEsubset subM andbT.
    by apply/bigcupsP=> N /andP[_ /proper_sub].
  case/subsetPn=> v vM vlow; exists v; apply/vminimalP; split=> // N sN vN NM.
  apply: contraNeq vlow => neNM; apply/bigcupP; exists N => //.
  by rewrite sN properEneq neNM.
split=> //; first by apply/set0Pn; exists v.
apply/eqP=> /setP/(_ v); rewrite vM => /bigcupP[N /andP[sN ltNM] vN].
by move: (ltNM); rewrite (minM N sN vN (proper_sub ltNM)) properxx.
Qed.

Lemma simple_pairP M :
  reflect [/\ stable M, M != set0
            & forall N1 N2, stable N1 -> stable N2 ->
                N1 \proper M -> N2 \proper M -> N1 :|: N2 != M]
          (simple M).
Proof.
apply: (iffP idP) => [/simple_vminimal[v /vminimalP[sM vM minM]]|].
  split=> //; first by apply/set0Pn; exists v.
  move=> N1 N2 sN1 sN2 lt1 lt2; apply: contraTneq vM => <-; rewrite inE.
  apply/orP=> -[] vN; [move: (lt1) | move: (lt2)].
    by rewrite (minM N1) ?properxx ?proper_sub.
  by rewrite (minM N2) ?properxx ?proper_sub.
case=> sM nzM decM; apply/and3P; split=> //; apply/eqP=> defM.
pose lower N := stable N && (N \proper M).
have lower0: lower set0 by rewrite /lower stable0 proper0.
have [N /maxsetP[/andP[sN ltNM] maxN] _] := maxset_exists lower0.
have [_ [z zM zN]] := properP ltNM.
have: z \in \bigcup_(N : {set T} | lower N) N by rewrite defM.
case/bigcupP=> N' /andP[sN' ltN'M] zN'; have := decM N N' sN sN' ltNM ltN'M.
apply/negP; rewrite negbK; apply: contraNT zN => neM.
rewrite -(maxN (N :|: N')) ?subsetUl ?inE ?zN' ?orbT //.
by rewrite /lower stableU // properEneq neM subUset !proper_sub.
Qed.

Lemma simple_stable M : simple M -> stable M. Proof. by case/and3P. Qed.
Lemma simple_neq0 M : simple M -> M != set0. Proof. by case/and3P. Qed.

(* every match is the union of the simple matches inside it               *)
Theorem simple_decomposition M :
  stable M -> \bigcup_(N : {set T} | simple N && (N \subset M)) N = M.
Proof.
move=> sM; apply/eqP; rewrite eqEsubset; apply/andP; split.
  by apply/bigcupsP=> N /andP[].
apply/subsetP=> v vM; have [N minN NM] := vminimal_exists sM vM.
apply/bigcupP; exists N; last by case/vminimalP: minN.
by rewrite NM andbT; apply/simple_vminimal; exists v.
Qed.

(* ... and the simple ones cannot be dispensed with: they belong to every *)
(* family of matches from which all matches arise as unions.              *)
Theorem simple_generators (G : {set {set T}}) M :
    {in G, forall N, stable N} ->
    (forall N, stable N -> exists2 P : {set {set T}}, P \subset G & cover P = N) ->
  simple M -> M \in G.
Proof.
move=> sG genG simM; have [sM _ decM] := simple_familyP _ simM.
have [P /subsetP PG defM] := genG M sM.
apply: contraTT isT => MG; have := decM P; rewrite defM eqxx => -> // N NP.
rewrite (sG N (PG N NP)) properEneq.
have ->: N \subset M by rewrite -defM; apply: (bigcup_sup N).
by rewrite andbT; apply: contraNneq MG => <-; apply: PG.
Qed.

(* ---------------------------------------------------------------------- *)
(* The deletion algorithm                                                 *)
(* ---------------------------------------------------------------------- *)

Lemma shrink1_sub v M u : shrink1 v M u \subset M.
Proof.
rewrite /shrink1; case: ifP => // _.
exact: subset_trans (maxst_sub _) (subD1set _ _).
Qed.

Lemma shrink_sub v s M : shrink v s M \subset M.
Proof.
elim: s M => //= u s IHs M.
exact: subset_trans (IHs _) (shrink1_sub v M u).
Qed.

Lemma shrink_inv v s M :
  stable M -> v \in M -> stable (shrink v s M) /\ v \in shrink v s M.
Proof.
elim: s M => //= u s IHs M sM vM; apply: IHs.
  by rewrite /shrink1; case: ifP => // _; apply: maxst_stable.
by rewrite /shrink1; case: ifP => // /andP[].
Qed.

Lemma shrink_tight v s M u :
    u \in s -> u \in shrink v s M -> u != v ->
  v \notin maxst (shrink v s M :\ u).
Proof.
elim: s M => //= w s IHs M; rewrite inE => /orP[/eqP<-{w}|]; last exact: IHs.
set M' := shrink1 v M u => uN nuv; have N'M := shrink_sub v s M'.
have uM' := subsetP N'M u uN; have uM := subsetP (shrink1_sub v M u) u uM'.
apply: contraTN uM' => /(subsetP (maxstS (setSD [set u] N'M))) vM'.
have vM: v \in maxst (M :\ u).
  exact: (subsetP (maxstS (setSD [set u] (shrink1_sub v M u))) v vM').
rewrite /M' /shrink1 uM nuv vM /=; apply/negP=> /(subsetP (maxst_sub _)).
by rewrite !inE eqxx.
Qed.

Theorem shrink_vminimal v s S :
    v \in maxst S -> {subset S <= s} ->
  vminimal v (shrink v s (maxst S)) /\ shrink v s (maxst S) \subset S.
Proof.
move=> vS allS; set M := shrink v s _; have subM := shrink_sub v s (maxst S).
have subS: M \subset S := subset_trans subM (maxst_sub S).
have [sM vM] := shrink_inv s (maxst_stable S) vS.
split=> //; apply/vminimalP; split=> // N sN vN NM.
apply/eqP; rewrite eqEsubset NM; apply/subsetP=> u uM.
have [->//|nuv] := eqVneq u v; apply: contraTT vN => uN.
have us: u \in s by apply/allS/(subsetP subS).
apply: contra (shrink_tight us uM nuv); apply/subsetP/maxst_max => //.
by rewrite subsetD1 NM.
Qed.

(* ---------------------------------------------------------------------- *)
(* Matches closed under intersection                                      *)
(* ---------------------------------------------------------------------- *)

Section CapClosed.

Hypothesis covI : cap_closed cov.

Theorem vminimal_unique v M N : vminimal v M -> vminimal v N -> M = N.
Proof.
case/vminimalP=> sM vM minM /vminimalP[sN vN minN].
have sI := covI sM sN; have vI: v \in M :&: N by rewrite inE vM.
by rewrite -(minM _ sI vI (subsetIl _ _)) (minN _ sI vI (subsetIr _ _)).
Qed.

Theorem vminimal_exists_unique v :
  v \in maxst setT -> exists! M, vminimal v M.
Proof.
move=> vmax; have [M minM _] := vminimal_exists (maxst_stable _) vmax.
by exists M; split=> // N; apply: vminimal_unique.
Qed.

(* The v-minimal match is then a minimum: it lies inside every match      *)
(* that contains v.                                                       *)
Theorem vminimal_minimum v M N :
  vminimal v M -> stable N -> v \in N -> M \subset N.
Proof.
case/vminimalP=> sM vM minM sN vN.
by rewrite -(minM _ (covI sM sN)) ?subsetIr ?subsetIl // inE vM.
Qed.

Theorem card_simple : #|[set M | simple M]| <= #|maxst setT|.
Proof.
pose vmin v := \bigcap_(N : {set T} | stable N && (v \in N)) N.
apply: leq_trans (leq_imset_card vmin _); apply/subset_leq_card/subsetP=> M.
rewrite inE => /simple_vminimal[v minM]; have [sM vM _] := vminimalP _ _ minM.
apply/imsetP; exists v.
  by apply: subsetP (maxst_max sM (subsetT M)) v vM.
apply/eqP; rewrite eqEsubset; apply/andP; split.
  by apply/bigcapsP=> N /andP[]; apply: vminimal_minimum.
by apply: bigcap_inf; rewrite sM.
Qed.

End CapClosed.

End Theory.
