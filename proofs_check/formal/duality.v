(* ====================================================================== *)
(* Duality (T15): the v-minimal matches and the minimal eviction sets of  *)
(* v are each other's minimal transversals.                               *)
(*                                                                        *)
(*   evicts cov v H     == v is not in the maximum match of what is left  *)
(*                         without H                                      *)
(*   min_eviction cov v H == H is an inclusion-minimal eviction set of v  *)
(*   meets_all F M      == M has a common element with every set H such   *)
(*                         that F H                                       *)
(*   min_transversal F M == M is an inclusion-minimal such set            *)
(* ====================================================================== *)
From mathcomp Require Import all_ssreflect.
From spanmatch Require Import cover peeling minimal pairs.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Section Definitions.

Variable T : finType.
Implicit Types (F : pred {set T}) (M H : {set T}).

Definition meets_all F M := [forall H, F H ==> (M :&: H != set0)].
Definition min_transversal F := minset (meets_all F).

Variable cov : T -> {set T} -> bool.

Definition evicts v H := v \notin maxst cov (~: H).
Definition min_eviction v := minset (evicts v).

End Definitions.

Section Duality.

Variables (T : finType) (cov : T -> {set T} -> bool).
Hypothesis covM : cov_monotone cov.
Implicit Types (F : pred {set T}) (M N H W : {set T}) (v : T).

Lemma meets_all_minset F W :
  (forall M N, M \subset N -> F M -> F N) ->
  meets_all (minset F) W = ~~ F (~: W).
Proof.
move=> monF; apply/idP/idP=> [/forallP meets|].
  apply/negP=> /minset_exists[H minH HW]; have := meets H; rewrite minH /=.
  by case/set0Pn=> z /setIP[zW] /(subsetP HW); rewrite inE zW.
apply: contraR; rewrite negb_forall => /existsP[H]; rewrite negb_imply negbK.
case/andP=> /minsetp FH /eqP WH0; apply: monF FH.
by rewrite -disjoints_subset -setI_eq0 setIC; apply/eqP.
Qed.

(* v lies in the maximum match of W: the monotone predicate of A2 and A5  *)
Definition keeps v W := v \in maxst cov W.

Lemma keeps_monotone v M N : M \subset N -> keeps v M -> keeps v N.
Proof. by move/(maxstS covM)/subsetP; apply. Qed.

Lemma evicts_monotone v M N : M \subset N -> evicts cov v M -> evicts cov v N.
Proof. by rewrite -setCS => CNM; apply/contra/keeps_monotone. Qed.

(* a v-minimal match is the same as a minimal set that keeps v            *)
Lemma vminimal_keeps v M : vminimal cov v M = minset (keeps v) M.
Proof.
apply/(vminimalP _ _ _)/minsetP=> [[sM vM minM]|[vM minM]].
  split=> [|N vN NM]; first by rewrite /keeps (maxst_id covM).
  apply/eqP; rewrite eqEsubset NM; have NN := maxst_sub cov N.
  by rewrite -{1}(minM _ (maxst_stable covM N) vN (subset_trans NN NM)).
have sM : stable cov M.
  rewrite -(minM (maxst cov M)) ?maxst_sub //; first exact: maxst_stable.
  by rewrite /keeps (maxst_id covM) //; apply: maxst_stable.
split=> // [|N sN vN NM]; first by move: vM; rewrite /keeps (maxst_id covM).
by apply: minM; rewrite // /keeps (maxst_id covM).
Qed.

Theorem vminimal_min_transversal v M :
  vminimal cov v M = min_transversal (min_eviction cov v) M.
Proof.
rewrite vminimal_keeps; apply: minset_eq => W.
rewrite (meets_all_minset _ (@evicts_monotone v)) /evicts setCK negbK.
by [].
Qed.

Theorem min_eviction_min_transversal v H :
  min_eviction cov v H = min_transversal (vminimal cov v) H.
Proof.
apply: minset_eq => W; rewrite -[evicts _ _ _]/(~~ keeps v (~: W)) -(meets_all_minset _ (@keeps_monotone v)).
by apply: eq_forallb => M; rewrite vminimal_keeps.
Qed.

End Duality.

(* ---------------------------------------------------------------------- *)
(* The same for pairs.                                                    *)
(* ---------------------------------------------------------------------- *)
Section PairDefinitions.

Variables (X Y : finType).
Implicit Types (P Q H : spair X Y) (v : X + Y) (F : pred (spair X Y)).

Definition pC P : spair X Y := (~: P.1, ~: P.2).
Definition pmeets P Q := (P.1 :&: Q.1 != set0) || (P.2 :&: Q.2 != set0).

(* no smaller pair has the property F                                     *)
Definition pair_minimal F P :=
  F P && [forall Q, (F Q && psub Q P) ==> (Q == P)].

Definition pair_meets_all F P := [forall H, F H ==> pmeets P H].

Variables (covX : X -> {set Y} -> bool) (covY : Y -> {set X} -> bool).

Definition is_eviction v H := ~~ pin v (max_match covX covY (pC H)).
Definition is_minimal_eviction v := pair_minimal (is_eviction v).

End PairDefinitions.

Section PairDuality.

Variables (X Y : finType).
Variables (covX : X -> {set Y} -> bool) (covY : Y -> {set X} -> bool).
Hypothesis covXM :
  forall x (A B : {set Y}), A \subset B -> covX x A -> covX x B.
Hypothesis covYM :
  forall y (A B : {set X}), A \subset B -> covY y A -> covY y B.
Implicit Types (P Q H : spair X Y) (v : X + Y) (F : pred (spair X Y)).

Lemma encC P : enc (pC P) = ~: enc P.
Proof. by apply/setP=> -[z|z]; rewrite !inE /= inE. Qed.

Lemma pmeetsE P Q : pmeets P Q = (enc P :&: enc Q != set0).
Proof.
rewrite -encI -enc0 (inj_eq (@enc_inj _ _)) /pmeets.
by rewrite -negb_and xpair_eqE.
Qed.

Lemma pair_minimalE F (f : pred {set X + Y}) P :
  (forall Q, F Q = f (enc Q)) -> pair_minimal F P = minset f (enc P).
Proof.
move=> Ff; apply/andP/minsetP=> -[fP minP]; split; rewrite ?Ff // -?Ff //.
  move=> N; rewrite -[N]decK -Ff enc_sub => FN NP.
  by have /forallP/(_ (dec N)) := minP; rewrite FN NP => /eqP->.
apply/forallP=> Q; apply/implyP=> /andP[FQ QP].
by apply/eqP/enc_inj/minP; rewrite -?Ff ?enc_sub.
Qed.

Lemma pair_meets_allE F (f : pred {set X + Y}) P :
  (forall Q, F Q = f (enc Q)) -> pair_meets_all F P = meets_all f (enc P).
Proof.
move=> Ff; apply/forallP/forallP=> meets.
  by move=> N; rewrite -[N]decK -Ff -pmeetsE; apply: meets.
by move=> Q; rewrite Ff pmeetsE; apply: meets.
Qed.

Lemma is_evictionE v H : is_eviction covX covY v H = evicts (cov covX covY) v (enc H).
Proof. by rewrite /is_eviction /evicts -in_enc enc_max_match encC. Qed.

Theorem T15_cover_minimal_matches_are_transversals v P :
  is_vminimal covX covY v P =
  pair_minimal (pair_meets_all (is_minimal_eviction covX covY v)) P.
Proof.
rewrite is_vminimalE (vminimal_min_transversal (covM covXM covYM)).
apply/esym/pair_minimalE => Q; apply: pair_meets_allE => H.
by apply: pair_minimalE => W; apply: is_evictionE.
Qed.

Theorem T15_cover_minimal_evictions_are_transversals v H :
  is_minimal_eviction covX covY v H =
  pair_minimal (pair_meets_all (is_vminimal covX covY v)) H.
Proof.
rewrite /is_minimal_eviction (pair_minimalE _ (is_evictionE v)).
rewrite -/(min_eviction _ _ _) (min_eviction_min_transversal (covM covXM covYM)).
apply/esym/pair_minimalE => Q; apply: pair_meets_allE => P.
by rewrite is_vminimalE.
Qed.

End PairDuality.
