(* ====================================================================== *)
(* The checker's integers against vectors (A8): what it decides of one    *)
(* neuron and one set of the other network, from inner products alone.    *)
(*                                                                        *)
(*   members_of n T      == the set of indices below n where T holds      *)
(*   neuron_vector R d C == the lists C as vectors                        *)
(*   near_sound          == near says that coefficients exist             *)
(*   beyond_sound        == beyond says that none do                      *)
(*   proved_sound        == proved says that least / scale is a lower     *)
(*                          bound of the least eigenvalue                 *)
(* ====================================================================== *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect all_algebra.
From spanmatch Require Import euclid bounds checker integers.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory Order.TTheory.
Delimit Scope Z_scope with Z.
Local Open Scope ring_scope.

Definition members_of (n : nat) (T : seq bool) : {set 'I_n} := [set i : 'I_n | nth false T i].

Lemma in_members n T (i : 'I_n) : (i \in members_of n T) = nth false T i.
Proof. by rewrite inE. Qed.

Lemma nth_restrict T c j : nth 0%Z (restrict T c) j = if nth false T j then nth 0%Z c j else 0%Z.
Proof.
rewrite /restrict; elim: T c j => [|b T IHT] [|x c] [|j] //=; by rewrite ?nth_nil ?if_same.
Qed.

Lemma size_restrict T c n : (size c <= n)%N -> (size (restrict T c) <= n)%N.
Proof. by move=> le_n; rewrite size_map size_zip geq_min le_n orbT. Qed.

(* ---------------------------------------------------------------------- *)
(* One neuron against one set                                             *)
(* ---------------------------------------------------------------------- *)
Section Query.

Variables (R : realFieldType) (d N : nat) (u : 'rV[R]_d) (z : 'I_N -> 'rV[R]_d).
Variables (G : seq (seq Z)) (n : Z) (g : seq Z) (T : seq bool) (w : witness) (num den : Z).
Local Notation number := (number R).

Hypothesis sizeG : size G = N.
Hypothesis sizeGi : forall i, (size (nth [::] G i) <= N)%N.
Hypothesis sizeg : size g = N.
Hypothesis GE : forall i j : 'I_N, number (nth 0%Z (nth [::] G i) j) = dot (z i) (z j).
Hypothesis gE : forall i : 'I_N, number (nth 0%Z g i) = dot u (z i).
Hypothesis nE : number n = sqnorm u.

Let q := number (denominator w).
Let c (i : 'I_N) := number (nth 0%Z (restrict T (coefficients w)) i).
Let A := members_of N T.
Let v := q *: u - combination z A c.

Let combination_all : combination z A c = \sum_i c i *: z i.
Proof.
rewrite /combination big_mkcond; apply: eq_bigr => i _; rewrite in_members /c nth_restrict.
by case: (nth false T i); rewrite /= ?scale0r.
Qed.

Let dotv t : dot v t = q * dot u t - \sum_i c i * dot (z i) t.
Proof.
rewrite /v combination_all dotDl dotZl dotNl dot_suml; congr (_ - _).
by apply: eq_bigr => i _; rewrite dotZl.
Qed.

Let r := remainders G g T w.

Let size_r : size r = N. Proof. by rewrite size_map size_zip sizeG sizeg minnn. Qed.

Let rE (i : 'I_N) : number (nth 0%Z r i) = dot v (z i).
Proof.
rewrite (nth_map (0%Z, [::])) ?size_zip ?sizeG ?sizeg ?minnn // nth_zip ?sizeG ?sizeg //=.
rewrite numberB numberM gE dotv; congr (_ - _).
rewrite (@zdot_sum _ _ _ _ N) ?add0r ?geq_min ?sizeGi //.
by apply: eq_bigr => j _; rewrite GE mulrC dotC.
Qed.

Let remainingE : number (remaining n g T w r) = sqnorm v.
Proof.
rewrite numberB !numberM nE (@zdot_sum _ _ _ _ N) ?add0r; last first.
  by rewrite geq_min size_map size_zip sizeg size_r minnn leqnn orbT.
rewrite [RHS]sqnorm_dot dotv [dot u v]dotC dotv -sqnorm_dot mulrBr -mulrA -addrA -opprD; congr (_ - _).
rewrite mulr_sumr -big_split; apply: eq_bigr => i _ /=.
rewrite (nth_map (0%Z, 0%Z)) ?size_zip ?size_r ?sizeg ?minnn // nth_zip ?size_r ?sizeg //=.
by rewrite numberD numberM gE rE mulrDr [dot v _]dotC [dot u _]dotC mulrCA.
Qed.

Hypothesis den_gt0 : (0 < den)%Z.
Let eps := number num / number den.

Let den2_gt0 : 0 < number den ^+ 2. Proof. by rewrite exprn_gt0 // number_gt0. Qed.

Let epsE a : number den ^+ 2 * (eps ^+ 2 * a) = number num ^+ 2 * a.
Proof. by rewrite mulrA expr_div_n mulrCA divff ?mulr1 // gt_eqF. Qed.

Lemma near_sound :
  near num den G n g T w -> exists k, sqnorm (u - combination z A k) <= eps ^+ 2 * sqnorm u.
Proof.
case/andP=> /Z.ltb_spec0 q_gt0 /Z.leb_spec0 /(number_le R).
rewrite !numberM -/r remainingE nE -/q -!expr2 => le_w.
have {}q_gt0 : 0 < q by apply: number_gt0.
have vE : v = q *: u - combination z A c by [].
exists (fun i => c i / q).
rewrite -(ler_pmul2l (exprn_gt0 2 q_gt0)) (A8_upper_bound q_gt0 vE).
by rewrite -(ler_pmul2l den2_gt0) [q ^+ 2 * _]mulrCA epsE.
Qed.

Variable (f : factor) (L : {set 'I_N}).
Hypothesis dead : forall i, i \notin L -> z i = 0.
Hypothesis leastP : (0 < least f)%Z ->
  0 < number (scale f) /\ least_eigenvalue z L (number (least f)) (number (scale f)).

Lemma beyond_sound :
  beyond num den G n g T w f -> ~ exists k, sqnorm (u - combination z A k) <= eps ^+ 2 * sqnorm u.
Proof.
rewrite /beyond -/r => /andP[/Z.ltb_spec0 q_gt0 decided] [k].
have {}q_gt0 : 0 < q by apply: number_gt0.
have vE : v = q *: u - combination z A c by [].
have insideE : number (sum_of_squares (restrict T r)) = \sum_(i in A) dot v (z i) ^+ 2.
  rewrite (@zdot_sum _ _ _ _ N) ?add0r; last by rewrite geq_min size_restrict // size_r.
  rewrite [RHS]big_mkcond; apply: eq_bigr => i _; rewrite nth_restrict in_members.
  by case: (nth false T i); rewrite /= ?mul0r // rE expr2.
apply/negP; rewrite -ltNge -(ltr_pmul2l (exprn_gt0 2 q_gt0)) -(ltr_pmul2l den2_gt0).
rewrite [q ^+ 2 * (eps ^+ 2 * _)]mulrCA epsE.
move: decided; case: Z.eqb_spec => [inside0|_].
  move/Z.ltb_spec0/(number_lt R); rewrite !numberM remainingE nE -/q -!expr2 => /lt_le_trans; apply.
  rewrite ler_pmul2l //; apply: A8_exact_bound vE _ => i iA.
  have /eqP := insideE; rewrite inside0 eq_sym psumr_eq0 => [/allP/(_ i (mem_index_enum i))|? _].
    by rewrite iA sqrf_eq0 => /eqP.
  exact: sqr_ge0.
case/andP=> /Z.ltb_spec0 least_gt0 /Z.ltb_spec0 /(number_lt R).
have [t_gt0 leastL] := leastP least_gt0; move: least_gt0 => /(number_gt0 R) s_gt0.
rewrite !numberM numberB !numberM remainingE nE insideE -/q -!expr2 => lt_w.
rewrite -(ltr_pmul2l s_gt0); apply: lt_le_trans lt_w _.
rewrite [number (least f) * (_ * _)]mulrCA ler_pmul2l //.
exact: A8_lower_bound dead leastL t_gt0 s_gt0 vE.
Qed.

End Query.

(* ---------------------------------------------------------------------- *)
(* The layers of two lists of integer vectors                             *)
(* ---------------------------------------------------------------------- *)
Section Layer.

Variables (R : realFieldType) (d m n : nat) (C C' : seq (seq Z)).
Hypotheses (sizeC : size C = m) (sizeC' : size C' = n).
Hypothesis shortC : forall i, (size (nth [::] C i) <= d)%N.
Local Notation number := (number R).
Local Notation l := (layer_of C C').

Definition neuron_vector k (B : seq (seq Z)) (i : 'I_k) := vector R d (nth [::] B i).
Let z := neuron_vector C : 'I_m -> _.
Let z' := neuron_vector C' : 'I_n -> _.

Let inC (i : 'I_m) : (i < size C)%N. Proof. by rewrite sizeC. Qed.
Let inC' (i : 'I_n) : (i < size C')%N. Proof. by rewrite sizeC'. Qed.

Lemma size_norms : size (norms l) = m. Proof. by rewrite size_map. Qed.
Lemma size_inner : size (inner l) = m. Proof. by rewrite size_map. Qed.

Lemma size_inner_row i : (size (nth [::] (inner l) i) <= m)%N.
Proof.
have [lt|ge] := ltnP i (size C); last by rewrite nth_default // size_map.
by rewrite (nth_map [::]) // size_map sizeC.
Qed.

Lemma size_outer_row (i : 'I_m) : size (nth [::] (outer l) i) = n.
Proof. by rewrite (nth_map [::]) // size_map. Qed.

Lemma normsE (i : 'I_m) : number (nth 0%Z (norms l) i) = sqnorm (z i).
Proof. by rewrite (nth_map [::]) // (@zdot_dot R d) // sqnorm_dot. Qed.

Lemma innerE (i j : 'I_m) : number (nth 0%Z (nth [::] (inner l) i) j) = dot (z i) (z j).
Proof. by rewrite !(nth_map [::]) // (@zdot_dot R d). Qed.

Lemma outerE (i : 'I_m) (j : 'I_n) : number (nth 0%Z (nth [::] (outer l) i) j) = dot (z i) (z' j).
Proof. by rewrite !(nth_map [::]) // (@zdot_dot R d). Qed.

Lemma nth_alive (i : 'I_m) : nth false (alive l) i = (z i != 0).
Proof. by rewrite (nth_map 0%Z) ?size_norms // -(number_eq0 R) normsE sqnorm_eq0. Qed.

Let living := members_of m (alive l).

Lemma dead_is_zero i : i \notin living -> z i = 0.
Proof. by rewrite in_members nth_alive negbK => /eqP. Qed.

Lemma proved_sound (f : factor) :
    proved l f -> (0 < least f)%Z ->
  0 < number (scale f) /\ least_eigenvalue z living (number (least f)) (number (scale f)).
Proof.
case/orP=> [/Z.eqb_spec-> //|/and4P[/Z.ltb_spec0/(number_gt0 R) D_gt0 /Z.leb_spec0/(number_ge0 R) U_ge0 _]].
move=> /allP dominantP _; split=> //.
pose p := \max_(k < m) size (nth [::] (lower f) k).
pose L (k : 'I_m) (i : 'I_p) := number (nth 0%Z (nth [::] (lower f) k) i).
pose E := factor_error z L (number (scale f)) (number (weight f)).
have errorE (k j : 'I_m) : number (nth 0%Z (error_row l f k) j) = E k j.
  rewrite (nth_map 0%N) ?size_iota ?size_norms // nth_iota ?size_norms //= add0n.
  rewrite numberB !numberM innerE (@zdot_sum _ _ _ _ p) ?add0r //.
  by rewrite geq_min (leq_bigmax k).
apply: (A8_least_eigenvalue (L := L) U_ge0) => k kA.
have : dominant l f k.
  have := dominantP k; rewrite mem_iota size_norms add0n ltn_ord => /(_ isT).
  by rewrite -(in_members (alive l)) kA.
move/Z.leb_spec0/(number_le R); rewrite !numberD number_abs errorE.
have size_row : size (error_row l f k) = m by rewrite size_map size_iota size_norms.
rewrite (@number_total _ _ m) ?size_map ?size_zip ?size_row ?geq_minr // => le_E.
have othersE : \sum_(i < m) number (nth 0%Z (map Z.abs (restrict (alive l) (error_row l f k))) i)
             = `|E k k| + \sum_(j in living | j != k) `|E k j|.
  transitivity (\sum_(j in living) `|E k j|); last exact: bigD1.
  rewrite [RHS]big_mkcond; apply: eq_bigr => i _; rewrite (nth_map 0%Z) ?nth_restrict; last first.
    by rewrite size_map size_zip size_row [size (alive l)]size_map size_norms minnn.
  by rewrite number_abs in_members; case: (nth false _ i); rewrite /= ?normr0 ?errorE.
rewrite othersE addrCA addrC ler_add2r in le_E; exact: le_E.
Qed.

End Layer.
