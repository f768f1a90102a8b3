(* ====================================================================== *)
(* What decides a neuron without its projection (A8): coefficients c show *)
(* that it is near a span, and, with a lower bound of the least           *)
(* eigenvalue of the other side, that it is not.                          *)
(*                                                                        *)
(*   least_eigenvalue z A s t == every combination over A has             *)
(*                       s |h|^2 <= t |sum of h_j z_j|^2, so that s / t   *)
(*                       is a lower bound when t > 0                      *)
(*   factor_error D U L z k j == D <z_k, z_j> - U (L L^T)_kj              *)
(* ====================================================================== *)
From mathcomp Require Import all_ssreflect all_algebra.
From Coq Require Import Ring.
From spanmatch Require Import euclid.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory Order.TTheory.
Local Open Scope ring_scope.

(* ---------------------------------------------------------------------- *)
(* Identities between numbers, left to Coq's tactic ring.                 *)
(* ---------------------------------------------------------------------- *)
Section Identities.

Variable R : comRingType.
Let T := GRing.ComRing.sort R.
Let zero : T := 0. Let one : T := 1. Let opp : T -> T := -%R.
Let add : T -> T -> T := +%R. Let mul : T -> T -> T := *%R. Let sub (a b : T) : T := a - b.

Let ring_laws : @ring_theory T zero one add mul sub opp eq.
Proof.
split=> *; rewrite /zero /one /add /mul /sub /opp ?add0r ?mul1r ?mulrDl ?subrr //;
  by [exact: addrC | exact: addrA | exact: mulrC | exact: mulrA].
Qed.

Add Ring numbers : ring_laws.
Ltac algebra := rewrite ?mulr2n ?expr2;
  repeat match goal with |- context [@GRing.add _ ?a ?b] => change (@GRing.add _ a b) with (add a b) end;
  repeat match goal with |- context [@GRing.mul _ ?a ?b] => change (@GRing.mul _ a b) with (mul a b) end;
  repeat match goal with |- context [@GRing.opp _ ?a] => change (@GRing.opp _ a) with (opp a) end;
  match goal with |- @eq _ ?a ?b => change (@eq T a b); ring end.

Implicit Types (a b c s t u : R).

Lemma weighted_square s t a b :
  (s * a - t * b) ^+ 2 = s * (s * a ^+ 2) - (s * t * (a * b)) *+ 2 + t * (t * b ^+ 2).
Proof. algebra. Qed.

Lemma weighted_difference s t a b c u :
  t * (s * (a - b *+ 2 + c)) - t * (s * a - t * u)
  = s * (t * c) - (s * t * b) *+ 2 + t * (t * u).
Proof. algebra. Qed.

End Identities.

Section Bounds.

Variables (R : realFieldType) (d : nat) (J : finType) (z : J -> 'rV[R]_d).
Implicit Types (u w : 'rV[R]_d) (A B : {set J}) (c h : J -> R) (D U s t : R).

Definition least_eigenvalue A s t :=
  forall h, s * (\sum_(j in A) h j ^+ 2) <= t * sqnorm (combination z A h).

Lemma sqnorm_combination A h :
  sqnorm (combination z A h) = \sum_(k in A) \sum_(j in A) h k * h j * dot (z k) (z j).
Proof.
rewrite sqnorm_dot {1}/combination dot_suml; apply: eq_bigr => k _.
rewrite dotZl dotC combination_dot mulr_sumr; apply: eq_bigr => j _.
by rewrite mulrA [dot (z j) _]dotC.
Qed.

(* ---------------------------------------------------------------------- *)
(* The bound that coefficients give: for w = q u - sum of c_j z_j and     *)
(* any other coefficients k, q u - sum of q k_j z_j = w - sum of h_j z_j, *)
(* and s |h|^2 <= t |sum of h_j z_j|^2 makes up for the inner products.   *)
(* ---------------------------------------------------------------------- *)
Lemma sqnorm_sub_combination w B h :
  sqnorm (w - combination z B h)
  = sqnorm w - (\sum_(j in B) h j * dot w (z j)) *+ 2 + sqnorm (combination z B h).
Proof.
rewrite sqnormD -(scaleN1r (combination z B h)) sqnormZ sqrrN expr1n mul1r.
rewrite [dot w _]dotC dotZl mulN1r dot_suml mulNrn; congr (_ - _ *+ 2 + _).
by apply: eq_bigr => j _; rewrite dotZl dotC.
Qed.

Lemma combination_support A B h :
    (forall j, j \notin A -> z j = 0) ->
  combination z B h = combination z A (fun j => if j \in B then h j else 0).
Proof.
move=> dead; rewrite /combination big_mkcond [RHS]big_mkcond /=; apply: eq_bigr => j _.
have [//|/dead->] := boolP (j \in A); first by case: (j \in B); rewrite ?scale0r.
by case: (j \in B); rewrite ?scaler0.
Qed.

Lemma other_coefficients B u w (q : R) c k :
    w = q *: u - combination z B c ->
  q ^+ 2 * sqnorm (u - combination z B k)
  = sqnorm (w - combination z B (fun j => q * k j - c j)).
Proof.
move=> wE; rewrite -sqnormZ wE scalerBr; congr sqnorm; rewrite -addrA -opprD; congr (_ - _).
rewrite /combination scaler_sumr -big_split; apply: eq_bigr => j _ /=.
by rewrite -scalerDl addrC subrK scalerA.
Qed.

Theorem A8_upper_bound B u w (q : R) c :
    0 < q -> w = q *: u - combination z B c ->
  q ^+ 2 * sqnorm (u - combination z B (fun j => c j / q)) = sqnorm w.
Proof.
move=> q_gt0 wE; rewrite (other_coefficients _ wE); congr sqnorm.
rewrite (_ : combination z B _ = 0) ?subr0 // /combination big1 // => j _.
by rewrite mulrCA divff ?gt_eqF // mulr1 subrr scale0r.
Qed.

(* when w is orthogonal to all of them it is the distance itself          *)
Theorem A8_exact_bound B u w (q : R) c k :
    w = q *: u - combination z B c -> (forall j, j \in B -> dot w (z j) = 0) ->
  sqnorm w <= q ^+ 2 * sqnorm (u - combination z B k).
Proof.
move=> wE orth; rewrite (other_coefficients k wE) sqnorm_sub_combination.
by rewrite big1 ?mul0rn ?subr0 ?ler_addl ?sqnorm_ge0 // => j /orth->; rewrite mulr0.
Qed.

Theorem A8_lower_bound A B u w (q : R) c k s t :
    (forall j, j \notin A -> z j = 0) -> least_eigenvalue A s t -> 0 < t -> 0 < s ->
    w = q *: u - combination z B c ->
  s * sqnorm w - t * (\sum_(j in B) dot w (z j) ^+ 2)
    <= s * (q ^+ 2 * sqnorm (u - combination z B k)).
Proof.
move=> dead least t_gt0 s_gt0 wE; pose h j := q * k j - c j.
rewrite (other_coefficients k wE) -/h.
pose g j := if j \in B then h j else 0; pose r j := if j \in B then dot w (z j) else 0.
have r0 j : j \notin A -> r j = 0.
  by move=> jA; rewrite /r; case: ifP => // _; rewrite dead // dotC dot0l.
have toA (f : J -> R) : (forall j, j \notin B -> f j = 0) -> (forall j, j \notin A -> f j = 0) ->
    \sum_(j in B) f j = \sum_(j in A) f j.
  move=> fB fA; rewrite big_mkcond [RHS]big_mkcond /=; apply: eq_bigr => j _.
  by have [_|/fB->] := boolP (j \in B); have [//|/fA] := boolP (j \in A).
have sumhr : \sum_(j in B) h j * dot w (z j) = \sum_(j in A) g j * r j.
  rewrite -toA => [|j /negPf jB|j /r0 ->]; rewrite ?mulr0 //; last by rewrite /g jB mul0r.
  by apply: eq_bigr => j jB; rewrite /g /r jB.
have sumrr : \sum_(j in B) dot w (z j) ^+ 2 = \sum_(j in A) r j ^+ 2.
  rewrite -toA => [|j /negPf jB|j /r0 ->]; rewrite ?expr0n //; last by rewrite /r jB expr0n.
  by apply: eq_bigr => j jB; rewrite /r jB.
rewrite sqnorm_sub_combination sumhr sumrr (combination_support B h dead) -/g.
rewrite -(ler_pmul2l t_gt0) -subr_ge0 weighted_difference.
have : 0 <= \sum_(j in A) (s * g j - t * r j) ^+ 2 by apply: sumr_ge0 => j _; apply: sqr_ge0.
under eq_bigr do rewrite weighted_square.
rewrite big_split sumrB sumrMnl -!mulr_sumr => /le_trans; apply.
by rewrite !ler_add2r ler_wpmul2l ?least // ltW.
Qed.

(* ---------------------------------------------------------------------- *)
(* A lower bound of the least eigenvalue: whatever L is, when             *)
(* D G - U L L^T is diagonally dominant with s to spare.                  *)
(* ---------------------------------------------------------------------- *)
Section Factor.

Variables (K : finType) (L : J -> K -> R) (D U : R).

Definition factor_error k j := D * dot (z k) (z j) - U * (\sum_i L k i * L j i).

Lemma factor_errorC k j : factor_error k j = factor_error j k.
Proof.
rewrite /factor_error dotC; congr (_ - _ * _).
by apply: eq_bigr => i _; rewrite mulrC.
Qed.

Lemma factor_quadratic A h :
  D * sqnorm (combination z A h)
  = U * (\sum_i (\sum_(k in A) h k * L k i) ^+ 2)
    + \sum_(k in A) \sum_(j in A) h k * h j * factor_error k j.
Proof.
have -> : \sum_i (\sum_(k in A) h k * L k i) ^+ 2
        = \sum_(k in A) \sum_(j in A) h k * h j * (\sum_i L k i * L j i).
  under eq_bigr do rewrite expr2 mulr_suml.
  rewrite exchange_big; apply: eq_bigr => k _ /=.
  under eq_bigr do rewrite mulr_sumr.
  rewrite exchange_big; apply: eq_bigr => j _ /=; rewrite mulr_sumr.
  by apply: eq_bigr => i _; rewrite mulrACA.
rewrite sqnorm_combination !mulr_sumr -big_split; apply: eq_bigr => k _ /=.
rewrite !mulr_sumr -big_split; apply: eq_bigr => j _ /=.
by rewrite /factor_error mulrBr [D * _]mulrCA [U * _]mulrCA addrC subrK.
Qed.

Theorem A8_least_eigenvalue A s :
    0 <= U ->
    (forall k, k \in A -> s + \sum_(j in A | j != k) `|factor_error k j| <= factor_error k k) ->
  least_eigenvalue A s D.
Proof.
move=> U_ge0 dominant h; rewrite factor_quadratic.
apply: (@le_trans _ _ (\sum_(k in A) \sum_(j in A) h k * h j * factor_error k j)); last first.
  rewrite ler_addr mulr_ge0 // sumr_ge0 // => i _; exact: sqr_ge0.
pose beside k j := `|factor_error k j|.
have besideE : \sum_(k in A) \sum_(j in A | j != k) beside k j * h j ^+ 2
             = \sum_(k in A) \sum_(j in A | j != k) beside k j * h k ^+ 2.
  rewrite (exchange_big_dep (fun k => k \in A)) /=; last by move=> k j _ /andP[].
  apply: eq_bigr => j jA; apply: eq_big => [k|k _]; first by rewrite jA eq_sym.
  by rewrite /beside factor_errorC.
rewrite -(ler_pmuln2r (ltn0Sn 1)).
apply: (@le_trans _ _ ((\sum_(k in A) (factor_error k k - \sum_(j in A | j != k) beside k j) * h k ^+ 2) *+ 2)).
  rewrite ler_muln2r /= mulr_sumr; apply: ler_sum => k kA.
  by rewrite ler_wpmul2r ?sqr_ge0 // ler_subr_addr dominant.
have splitE : \sum_(k in A) \sum_(j in A) h k * h j * factor_error k j
    = \sum_(k in A) factor_error k k * h k ^+ 2
      + \sum_(k in A) \sum_(j in A | j != k) h k * h j * factor_error k j.
  rewrite -big_split; apply: eq_bigr => k kA /=; rewrite (bigD1 k) //=; congr (_ + _).
  by rewrite mulrC expr2.
under eq_bigr do rewrite mulrBl mulr_suml.
rewrite splitE sumrB !mulrnDl mulNrn ler_add2l mulr2n -{1}besideE -big_split -sumrN -sumrMnl.
apply: ler_sum => k _ /=; rewrite -big_split -sumrN -sumrMnl; apply: ler_sum => j _ /=.
rewrite -mulrDr ler_oppl; apply: le_trans (ler_norm _) _.
rewrite normrN normrMn !normrM -mulrnAl mulrC ler_wpmul2l //.
rewrite -[h j ^+ 2]real_normK ?num_real // -[h k ^+ 2]real_normK ?num_real //.
by rewrite mulrC -subr_ge0 addrAC -sqrrB sqr_ge0.
Qed.

End Factor.

End Bounds.
