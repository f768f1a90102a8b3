(* ====================================================================== *)
(* The binary integers Z that programs calculate with, as numbers of an   *)
(* ordered field R, and lists of them as vectors.                         *)
(*                                                                        *)
(*   number R a      == the integer a as an element of R                  *)
(*   vector R d c    == the list c as a row vector of dimension d         *)
(*   value R x       == the dyadic number x = (m, e), m * 2^e, likewise   *)
(* ====================================================================== *)
From Coq Require Import ZArith Lia.
From mathcomp Require Import all_ssreflect all_algebra.
From spanmatch Require Import euclid checker.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory Order.TTheory.

Delimit Scope Z_scope with Z.
Local Open Scope ring_scope.

Section Numbers.

Variable R : realFieldType.

Definition number (a : Z) : R :=
  match a with
  | Z0 => 0
  | Zpos p => (Pos.to_nat p)%:R
  | Zneg p => - (Pos.to_nat p)%:R
  end.

Definition value (x : dyadic) : R :=
  if Z.leb 0 x.2 then number x.1 * number (2 ^ x.2)%Z
  else number x.1 / number (2 ^ (- x.2))%Z.

Lemma number_of_nat n : number (Z.of_nat n) = n%:R.
Proof. by case: n => //= n; rewrite SuccNat2Pos.id_succ. Qed.

Lemma numberN a : number (- a)%Z = - number a.
Proof. by case: a => /= [|p|p]; rewrite ?oppr0 ?opprK. Qed.

Lemma number_succ a : number (Z.succ a) = number a + 1.
Proof.
case: (Z_le_gt_dec 0 a) => [ge0|lt0].
  by rewrite -(Z2Nat.id a) // -Nat2Z.inj_succ !number_of_nat mulrSr.
have -> : a = (- Z.succ (- Z.succ a))%Z by rewrite /Z.succ; ring.
rewrite -[in RHS](Z2Nat.id (- Z.succ a)) -?Nat2Z.inj_succ; last by lia.
rewrite numberN number_of_nat mulrSr opprD subrK -number_of_nat Z2Nat.id; last by lia.
by rewrite -numberN; congr number; lia.
Qed.

Lemma numberD a b : number (a + b)%Z = number a + number b.
Proof.
apply: (Z.bi_induction (fun a => number (a + b)%Z = number a + number b)) => [|n].
  by rewrite /= add0r.
rewrite Z.add_succ_l !number_succ addrAC; split=> [->//|/addIr]; exact.
Qed.

Lemma numberB a b : number (a - b)%Z = number a - number b.
Proof. by rewrite -Z.add_opp_r numberD numberN. Qed.

Lemma numberM a b : number (a * b)%Z = number a * number b.
Proof.
apply: (Z.bi_induction (fun a => number (a * b)%Z = number a * number b)) => [|n].
  by rewrite /= mul0r.
rewrite Z.mul_succ_l numberD number_succ mulrDl mul1r; split=> [->//|/addIr]; exact.
Qed.

Lemma number_ge0 a : (0 <= a)%Z -> 0 <= number a.
Proof. by move=> ge0; rewrite -(Z2Nat.id a) // number_of_nat ler0n. Qed.

Lemma number_gt0 a : (0 < a)%Z -> 0 < number a.
Proof.
move=> gt0; rewrite -(Z2Nat.id a); last by lia.
by rewrite number_of_nat ltr0n; apply/ssrnat.ltP; lia.
Qed.

Lemma number_le a b : (a <= b)%Z -> number a <= number b.
Proof. by move=> le_ab; rewrite -subr_ge0 -numberB; apply: number_ge0; lia. Qed.

Lemma number_lt a b : (a < b)%Z -> number a < number b.
Proof. by move=> lt_ab; rewrite -subr_gt0 -numberB; apply: number_gt0; lia. Qed.

Lemma number_abs a : number (Z.abs a) = `|number a|.
Proof.
case: (Z_le_gt_dec 0 a) => [ge0|lt0]; first by rewrite Z.abs_eq // ger0_norm // number_ge0.
rewrite Z.abs_neq; last by lia.
by rewrite numberN ler0_norm // -oppr_ge0 -numberN number_ge0 //; lia.
Qed.

Lemma number_pow2_gt0 e : (0 <= e)%Z -> 0 < number (2 ^ e)%Z.
Proof. by move=> ge0; apply/number_gt0/Z.pow_pos_nonneg. Qed.

(* a dyadic number times a power of two, as an integer                    *)
Lemma number_shift m e k :
    (0 <= e + k)%Z -> (0 <= k)%Z ->
  number (Z.shiftl m (e + k)) = number (2 ^ k)%Z * value (m, e).
Proof.
move=> ge0 k_ge0; rewrite Z.shiftl_mul_pow2 // numberM /value /=.
case: Z.leb_spec => [e_ge0|e_lt0].
  by rewrite Z.pow_add_r // numberM [RHS]mulrCA [number (2 ^ k) * _]mulrC.
have -> : number (2 ^ k)%Z = number (2 ^ (e + k))%Z * number (2 ^ (- e))%Z.
  by rewrite -numberM -Z.pow_add_r //; [congr (number (2 ^ _)%Z); lia | lia].
have nz : number (2 ^ (- e))%Z != 0 by rewrite gt_eqF // number_pow2_gt0 //; lia.
by rewrite [RHS]mulrACA divff // mulr1 mulrC.
Qed.

Lemma zdot_sum (a b : seq Z) s n :
    (minn (size a) (size b) <= n)%N ->
  number (zdot s a b) = number s + \sum_(i < n) number (nth 0%Z a i) * number (nth 0%Z b i).
Proof.
elim: a b s n => [|x a IHa] [|y b] s n le_n /=; try
  by rewrite big1 ?addr0 // => i _; rewrite nth_nil ?mul0r ?mulr0.
case: n le_n => [|n]; rewrite /= minnSS // => le_n; rewrite (IHa _ _ n) // big_ord_recl /=.
by rewrite numberD numberM addrA.
Qed.

Lemma number_total (a : seq Z) n :
  (size a <= n)%N -> number (foldl Z.add 0%Z a) = \sum_(i < n) number (nth 0%Z a i).
Proof.
suff foldE s : (size a <= n)%N ->
    number (foldl Z.add s a) = number s + \sum_(i < n) number (nth 0%Z a i).
  by move=> /foldE ->; rewrite add0r.
elim: a s n => [|x a IHa] s n le_n /=.
  by rewrite big1 ?addr0 // => i _; rewrite nth_nil.
case: n le_n => // n le_n; rewrite (IHa _ n) // big_ord_recl /=.
by rewrite numberD addrA.
Qed.

Lemma number_eq0 a : (number a == 0) = Z.eqb a 0.
Proof.
case: (Z.eqb_spec a 0) => [->|nz]; first by rewrite eqxx.
case: (Z_lt_le_dec a 0) => [lt0|ge0]; apply/negbTE.
  by rewrite -oppr_eq0 -numberN gt_eqF // number_gt0 //; lia.
by rewrite gt_eqF // number_gt0 //; lia.
Qed.

End Numbers.

(* ---------------------------------------------------------------------- *)
(* Lists as vectors                                                       *)
(* ---------------------------------------------------------------------- *)
Section Vectors.

Variables (R : realFieldType) (d : nat).

Definition vector (c : seq Z) : 'rV[R]_d := \row_k number R (nth 0%Z c k).

Lemma zdot_dot a b : (size a <= d)%N -> number R (zdot 0 a b) = dot (vector a) (vector b).
Proof.
move=> le_d; rewrite (@zdot_sum _ _ _ _ d) ?add0r; last by rewrite geq_min le_d.
by apply: eq_bigr => i _; rewrite !mxE.
Qed.

Lemma sqnorm_eq0 (u : 'rV[R]_d) : (sqnorm u == 0) = (u == 0).
Proof.
apply/eqP/eqP=> [|->]; last by rewrite sqnorm_dot dot0l.
move/eqP; rewrite psumr_eq0 => [/allP u0|j _]; last exact: sqr_ge0.
by apply/rowP=> j; rewrite mxE; apply/eqP; have := u0 j (mem_index_enum j); rewrite sqrf_eq0.
Qed.

End Vectors.
