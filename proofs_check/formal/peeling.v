(* ====================================================================== *)
(* Peeling: removing violators in any order (T4, A1, A3).                 *)
(*                                                                        *)
(*   violators cov M    == the neurons of M that M does not cover         *)
(*   peel1 cov M N      == N is M minus some non-empty set of violators   *)
(*   peels cov n M N    == N is reached from M by n such removals         *)
(*   keep_covered cov M == M without all its violators                    *)
(*   scan cov s M       == in-place sweep over s, removing as it goes     *)
(* ====================================================================== *)
From mathcomp Require Import all_ssreflect.
From spanmatch Require Import cover.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Section Defs.

Variables (T : finType) (cov : T -> {set T} -> bool).
Implicit Types (M N S V : {set T}) (v z : T) (s : seq T).

Definition violators M := [set z in M | ~~ cov z M].

Inductive peel1 M : {set T} -> Prop :=
  Peel1 V of V != set0 & V \subset violators M : peel1 M (M :\: V).

Inductive peels : nat -> {set T} -> {set T} -> Prop :=
| PeelsDone M : peels 0 M M
| PeelsStep n M M1 N of peel1 M M1 & peels n M1 N : peels n.+1 M N.

Definition keep_covered M := [set z in M | cov z M].

Definition scan s M := foldl (fun M z => if cov z M then M else M :\ z) M s.

End Defs.

Section Theory.

Variables (T : finType) (cov : T -> {set T} -> bool).
Hypothesis covM : cov_monotone cov.
Implicit Types (M N R S V : {set T}) (u v z : T) (s : seq T).

Local Notation stable := (stable cov).
Local Notation maxst := (maxst cov).
Local Notation violators := (violators cov).
Local Notation peel1 := (peel1 cov).
Local Notation peels := (peels cov).

Local Notation stableP := (@stableP T cov).
Local Notation stable0 := (stable0 cov).
Local Notation stableU := (@stableU T cov covM _ _).
Local Notation maxst_sub := (@maxst_sub T cov).
Local Notation maxst_stable := (@maxst_stable T cov covM).
Local Notation maxst_id := (@maxst_id T cov covM _).
Local Notation maxstS := (@maxstS T cov covM _ _).
Local Notation maxst_squeeze := (@maxst_squeeze T cov covM _ _).

Lemma stable_violators M : stable M = (violators M == set0).
Proof.
apply/stableP/eqP=> [sM|/setP v0 z zM].
  by apply/setP=> z; rewrite !inE; case: (boolP (z \in M)) => // /sM ->.
by have:= v0 z; rewrite !inE zM /= => /negbFE.
Qed.

(* A neuron that is not covered by some superset R of the maximum stable  *)
(* set may be removed; R may be an outdated ("stale") larger set.         *)
Lemma maxst_remove S R V :
    maxst S \subset R -> V \subset [set z | ~~ cov z R] ->
  maxst (S :\: V) = maxst S.
Proof.
move=> SR /subsetP bad; apply: maxst_squeeze (subsetDl _ _).
rewrite subsetD maxst_sub disjoint_subset /=; apply/subsetP=> z zmax.
rewrite inE; apply/negP=> /bad; rewrite inE => /negP[].
exact: covM SR (stableP _ (maxst_stable S) z zmax).
Qed.

Lemma peel1_maxst M N : peel1 M N -> maxst N = maxst M.
Proof.
case=> V _ /subsetP Vv; apply: (maxst_remove (maxst_sub M)).
by apply/subsetP=> z /Vv; rewrite !inE => /andP[].
Qed.

Lemma peel1_proper M N : peel1 M N -> N \proper M.
Proof.
case=> V /set0Pn[z zV] /subsetP Vv; apply/properP; split; first exact: subsetDl.
by exists z; [have:= Vv z zV; rewrite inE => /andP[] | rewrite inE zV].
Qed.

(* Every sequence of removals is finite ...                               *)
Theorem peel1_wf : well_founded (fun N M => peel1 M N).
Proof.
move=> M; elim: {M}#|M| {-2}M (leqnn #|M|) => [|n IHn] M.
  rewrite leqn0 cards_eq0 => /eqP ->; split=> N /peel1_proper.
  by rewrite properE sub0set andbF.
move=> leMn; split=> N /peel1_proper/proper_card ltNM; apply: IHn.
by rewrite -ltnS (leq_trans ltNM).
Qed.

(* ... of length at most the number of removed neurons ...                *)
Theorem peels_length n M N : peels n M N -> n + #|N| <= #|M|.
Proof.
elim=> {n M N} // n M M1 N /peel1_proper/proper_card lt _ IH.
by rewrite addSn; apply: leq_ltn_trans IH lt.
Qed.

(* ... a set that is not yet stable can be peeled further ...             *)
Theorem peel1_progress M : ~~ stable M -> exists N, peel1 M N.
Proof. by rewrite stable_violators => nz; exists (M :\: violators M). Qed.

(* ... and however it was done, what remains is the maximum stable set.   *)
Theorem peels_correct n S N : peels n S N -> stable N -> N = maxst S.
Proof.
move=> run sN; rewrite -(maxst_id sN).
by elim: run sN => {n S N} // n M M1 N /peel1_maxst<- _ IH /IH.
Qed.

(* Deterministic versions.  Any step function that only removes neurons,  *)
(* never one of the maximum stable set, and removes something from every  *)
(* set that is not stable, computes the maximum when iterated.            *)
Section Iteration.

Variable step : {set T} -> {set T}.
Hypothesis step_sub : forall M, step M \subset M.
Hypothesis step_max : forall M, maxst (step M) = maxst M.
Hypothesis step_fix : forall M, step M = M -> stable M.

Theorem iter_step_correct n S : #|S| <= n -> iter n step S = maxst S.
Proof.
elim: n S => [|n IHn] S leSn.
  have /eqP->: S == set0 by rewrite -cards_eq0 -leqn0.
  by apply/esym/eqP; rewrite -subset0 maxst_sub.
rewrite iterSr; have [fixS|movS] := eqVneq (step S) S.
  by rewrite fixS (maxst_id (step_fix fixS)); elim: n {IHn leSn} => //= n ->.
rewrite IHn ?step_max // -ltnS (leq_trans _ leSn) // proper_card //.
by rewrite properEneq movS step_sub.
Qed.

End Iteration.

(* All violators at once.                                                 *)
Lemma keep_coveredE M : keep_covered cov M = M :\: violators M.
Proof. by apply/setP=> z; rewrite !inE; case: (z \in M); rewrite ?negbK /= ?andbT. Qed.

Corollary peel_all_correct n S :
  #|S| <= n -> iter n (keep_covered cov) S = maxst S.
Proof.
apply: iter_step_correct => M; rewrite keep_coveredE.
- exact: subsetDl.
- apply: (maxst_remove (maxst_sub M)); apply/subsetP=> z.
  by rewrite !inE => /andP[].
- move=> fixM; rewrite stable_violators -subset0; apply/subsetP=> z vz.
  move/setP/(_ z): fixM; rewrite !inE; move: vz; rewrite inE.
  by case/andP=> -> ->.
Qed.

(* One violator at a time: the one that [choose] picks, where [choose M]  *)
(* must be a violator of M unless there is none.                          *)
Corollary peel_one_correct (choose : {set T} -> option T) n S :
    (forall M z, choose M = Some z -> z \in violators M) ->
    (forall M, choose M = None -> stable M) ->
    #|S| <= n ->
  iter n (fun M => if choose M is Some z then M :\ z else M) S = maxst S.
Proof.
move=> chS chN; apply: iter_step_correct => M; case chM: (choose M) => [z|] //.
- exact: subD1set.
- apply: (maxst_remove (maxst_sub M)); rewrite sub1set.
  by have:= chS _ _ chM; rewrite !inE => /andP[].
- move/setP/(_ z); have:= chS _ _ chM; rewrite !inE eqxx /=.
  by case/andP=> ->.
- by move=> _; apply: chN.
Qed.

(* The in-place sweep "for z in s: if z is not covered, remove it".       *)
Lemma scan_maxst s S : maxst (scan cov s S) = maxst S.
Proof.
elim: s S => //= z s IHs S; rewrite IHs; case: ifP => // /negbT nz.
by apply: (maxst_remove (maxst_sub S)); rewrite sub1set inE.
Qed.

Lemma scan_sub s S : scan cov s S \subset S.
Proof.
elim: s S => //= z s IHs S; apply: subset_trans (IHs _) _.
by case: ifP => // _; apply: subD1set.
Qed.

(* A sweep over all of S that removes nothing certifies stability.        *)
Lemma scan_fixed s S : {subset S <= s} -> scan cov s S = S -> stable S.
Proof.
move=> sS fixS; apply/stableP=> z zS; have := sS z zS.
elim: s {sS} fixS => //= y s IHs; set S' := (if _ then _ else _) => fixS.
have eqS: S' = S.
  apply/eqP; rewrite eqEsubset -{2}fixS scan_sub andbT.
  by rewrite /S'; case: ifP => // _; apply: subD1set.
rewrite eqS in fixS; rewrite inE => /orP[/eqP zy|]; last exact: IHs.
move/setP/(_ z): eqS; rewrite /S' -zy; case: ifP => // _.
by rewrite !inE eqxx zS.
Qed.

Corollary scan_correct s n S :
  (forall z, z \in s) -> #|S| <= n -> iter n (scan cov s) S = maxst S.
Proof.
move=> alls; apply: iter_step_correct => M; first exact: scan_sub.
  exact: scan_maxst.
by apply: scan_fixed => z _.
Qed.

End Theory.
