(* ====================================================================== *)
(* The algorithms A1, A2, A3 for pairs, on any cover relation.            *)
(*                                                                        *)
(*   first_violator s P   == the first neuron in the list s that is in P  *)
(*                           and not covered                              *)
(*   peel_first s P       == A1: remove it and start over                 *)
(*   peel_sweeps S        == A3: sweep both sides until nothing changes   *)
(*   deletion v s S       == A2: from the maximum match of S, for every   *)
(*                           other neuron u of s: remove u, peel, keep    *)
(*                           the result if v is still in it               *)
(* ====================================================================== *)
From mathcomp Require Import all_ssreflect.
From spanmatch Require Import cover peeling minimal pairs.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Section Algorithms.

Variables (X Y : finType).
Variables (covX : X -> {set Y} -> bool) (covY : Y -> {set X} -> bool).
Implicit Types (P Q S : spair X Y) (v u : X + Y) (s : seq (X + Y)).

Definition violates P v :=
  match v with
  | inl x => (x \in P.1) && ~~ covX x P.2
  | inr y => (y \in P.2) && ~~ covY y P.1
  end.

Definition first_violator s P := ohead [seq v <- s | violates P v].

Definition peel_first s S :=
  iter (#|S.1| + #|S.2|)
       (fun P => if first_violator s P is Some v then premove v P else P) S.

Definition peel_sweeps S := iter (#|S.1| + #|S.2|) (sweep covX covY) S.

Definition delete_one v P u :=
  let Q := peel_sweeps (premove u P) in
  if [&& pin u P, u != v & pin v Q] then Q else P.

Definition deletion v s S := foldl (delete_one v) (peel_sweeps S) s.

Hypothesis covXM :
  forall x (A B : {set Y}), A \subset B -> covX x A -> covX x B.
Hypothesis covYM :
  forall y (A B : {set X}), A \subset B -> covY y A -> covY y B.

Lemma peel_sweepsE S : peel_sweeps S = max_match covX covY S.
Proof. exact: A3_cover_batch_peel. Qed.

Lemma deletionE v s S : deletion v s S = min_match covX covY v s S.
Proof.
rewrite /deletion /min_match peel_sweepsE; elim: s (max_match _ _ S) => //= u s IHs P.
by rewrite IHs /delete_one peel_sweepsE.
Qed.

Lemma violatesE P v : violates P v = (v \in violators (cov covX covY) (enc P)).
Proof. by rewrite inE in_enc cov_enc; case: v. Qed.

Theorem A1_cover_first_violator s S :
  (forall v, v \in s) -> peel_first s S = max_match covX covY S.
Proof.
move=> alls; apply: enc_inj; rewrite enc_max_match.
pose choose (M : {set X + Y}) := ohead [seq v <- s | v \in violators (cov covX covY) M].
have fE P : first_violator s P = choose (enc P).
  by rewrite /first_violator /choose; congr ohead; apply: eq_filter => v; apply: violatesE.
have chP M v : choose M = Some v -> v \in violators (cov covX covY) M.
  rewrite /choose; case defs: [seq _ <- s | _] => [//|u r] /= [<-].
  have : u \in [seq v <- s | v \in violators (cov covX covY) M] by rewrite defs mem_head.
  by rewrite mem_filter => /andP[].
have chN M : choose M = None -> stable (cov covX covY) M.
  rewrite /choose stable_violators => ch; apply/eqP/setP=> v; rewrite [RHS]inE.
  apply/negP=> vV; have : v \in [seq v <- s | v \in violators (cov covX covY) M].
    by rewrite mem_filter vV alls.
  by case: [seq _ <- s | _] ch.
rewrite -(peel_one_correct (covM covXM covYM) chP chN (n := #|S.1| + #|S.2|)) ?card_enc //.
rewrite /peel_first; elim: (_ + _) => //= n <-; rewrite fE.
by case: (choose _) => // v; rewrite enc_remove.
Qed.

End Algorithms.
