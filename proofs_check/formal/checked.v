(* ====================================================================== *)
(* What the checker of certificates accepts is true (A8). Read this file  *)
(* and the definition of accepts in checker.v; the words about matches    *)
(* are those of main.v.                                                   *)
(*                                                                        *)
(* X and Y are lists of neurons; a neuron is a list of numbers m * 2^e,   *)
(* one for each input, as pairs (m, e). R is any ordered field: the       *)
(* theorems hold over the rational and over the real numbers.             *)
(*                                                                        *)
(*   activations R X Y X i == the activations of neuron i, a row vector   *)
(*   number R a            == the integer a in R                          *)
(*   pair_of m n M         == the pair of sets that the masks M stand for *)
(*   index_of v            == the neuron v as (is it of Y, index)         *)
(* ====================================================================== *)
From Coq Require Import ZArith Lia.
From mathcomp Require Import all_ssreflect all_algebra.
From spanmatch Require Import cover pairs euclid main bounds checker integers queries replays.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory Order.TTheory.
Delimit Scope Z_scope with Z.
Local Open Scope ring_scope.

(* ---------------------------------------------------------------------- *)
(* From the activations as stored to integers of nearly the same norm     *)
(* ---------------------------------------------------------------------- *)
Lemma exponent_le (c : seq dyadic) :
  (exponent c <= 0)%Z /\ forall i, (i < size c)%N -> (exponent c <= (nth (0, 0) c i).2)%Z.
Proof.
suff le_fold s : (foldl (fun e x => Z.min e x.2) s c <= s)%Z /\
    forall i, (i < size c)%N -> (foldl (fun e x => Z.min e x.2) s c <= (nth (0, 0) c i).2)%Z.
  exact: le_fold.
elim: c s => [|x c IHc] s /=; first by split=> //; lia.
have [le_s le_i] := IHc (Z.min s x.2); split; first by lia.
by case=> [|i] lt /=; [lia | apply: le_i].
Qed.

(* ---------------------------------------------------------------------- *)
(* One table of products for both layers                                  *)
(* ---------------------------------------------------------------------- *)
Lemma zdotC s a b : zdot s a b = zdot s b a.
Proof. by elim: a b s => [|x a IHa] [|y b] s //=; rewrite IHa Z.mul_comm. Qed.

Lemma gramE C : gram C = products C C.
Proof.
rewrite /products; elim: C => //= a C ->; congr (_ :: _).
suff step B : [seq p.1 :: p.2 | p <- zip [seq zdot 0 a b | b <- B] [seq [seq zdot 0 c b | b <- C] | c <- B]]
    = [seq zdot 0 c a :: [seq zdot 0 c b | b <- C] | c <- B] by exact: step.
by elim: B => //= c B ->; rewrite zdotC.
Qed.

Lemma layersE X Y :
  layers X Y = (layer_of (columns X Y).1 (columns X Y).2, layer_of (columns X Y).2 (columns X Y).1).
Proof.
rewrite /layers; case: (columns X Y) => C C' /=; rewrite gramE /layer_of.
have take_rows (B : seq (seq Z)) : map (take (size C)) (products B (C ++ C')) = products B C.
  by rewrite /products -map_comp; apply: eq_map => a /=; rewrite map_cat take_size_cat ?size_map.
have drop_rows (B : seq (seq Z)) : map (drop (size C)) (products B (C ++ C')) = products B C'.
  by rewrite /products -map_comp; apply: eq_map => a /=; rewrite map_cat drop_size_cat ?size_map.
have split : products (C ++ C') (C ++ C') = products C (C ++ C') ++ products C' (C ++ C').
  exact: map_cat.
rewrite split take_size_cat ?size_map // drop_size_cat ?size_map //.
by rewrite !take_rows !drop_rows.
Qed.

Section Scaling.

Variable R : realFieldType.
Local Notation number := (number R).

Definition enlargement b (c : seq dyadic) : R :=
  number (2 ^ Z.max 0 (b - bits (integral c)))%Z * number (2 ^ (- exponent c))%Z.

Lemma enlargement_neq0 b c : enlargement b c != 0.
Proof.
have [le0 _] := exponent_le c.
by rewrite gt_eqF // mulr_gt0 // number_pow2_gt0 //; lia.
Qed.

Lemma enlargedE b c i :
  number (nth 0%Z (enlarged b (integral c)) i) = enlargement b c * value R (nth (0, 0)%Z c i).
Proof.
have [le0 le_i] := exponent_le c.
have [lt|ge] := ltnP i (size c); last first.
  by rewrite !nth_default ?size_map //= /value /= mul0r mulr0.
rewrite (nth_map 0%Z) ?size_map // Z.shiftl_mul_pow2; last by lia.
rewrite numberM mulrC /enlargement -mulrA; congr (_ * _).
rewrite (nth_map (0, 0)%Z) // -Z.add_opp_r number_shift; [|have := le_i i lt; lia|lia].
by case: (nth _ c i).
Qed.

End Scaling.

(* ---------------------------------------------------------------------- *)
(* The theorems                                                           *)
(* ---------------------------------------------------------------------- *)
Section Theorems.

Variables (R : realFieldType) (X Y : seq (seq dyadic)).
Local Notation number := (number R).

Definition inputs := size (head [::] (X ++ Y)).

Definition activations (C : seq (seq dyadic)) : 'I_(size C) -> 'rV[R]_inputs :=
  fun i => \row_k value R (nth (0, 0)%Z (nth [::] C i) k).
Arguments activations C _ : clear implicits.

Let zX := activations X : 'I_(size X) -> _.
Let zY := activations Y : 'I_(size Y) -> _.
Let C := (columns X Y).1.
Let C' := (columns X Y).2.
Let b := most_bits (map integral X ++ map integral Y).
Let a (B : seq (seq dyadic)) : 'I_(size B) -> R := fun i => enlargement R b (nth [::] B i).

Let sizeC : size C = size X. Proof. by rewrite !size_map. Qed.
Let sizeC' : size C' = size Y. Proof. by rewrite !size_map. Qed.

Let same_lengthP (T T' : Type) (s : seq T) (s' : seq T') : same_length s s' -> size s' = size s.
Proof. by elim: s s' => [|x s IHs] [|x' s'] //= /IHs->. Qed.

Let scaledE (B : seq (seq dyadic)) (i : 'I_(size B)) :
  neuron_vector R inputs (map (enlarged b) (map integral B)) i = a i *: activations B i.
Proof.
apply/rowP=> k; rewrite !mxE /a.
rewrite (nth_map [::]) ?size_map // (nth_map [::]) //; exact: enlargedE.
Qed.

Let matchingE num den S :
  eps_approximate_match (neuron_vector R inputs C : 'I_(size X) -> _)
                        (neuron_vector R inputs C' : 'I_(size Y) -> _) (number num / number den) S <->
  eps_approximate_match zX zY (number num / number den) S.
Proof.
have nzX i : @a X i != 0 by apply: enlargement_neq0.
have nzY j : @a Y j != 0 by apply: enlargement_neq0.
rewrite -(T12_scaling_neurons zX zY (number num / number den) S nzX nzY).
suff same (I J : finType) (zI wI : I -> 'rV[R]_inputs) (zJ wJ : J -> 'rV[R]_inputs) e i (B : {set J}) :
    zI =1 wI -> zJ =1 wJ -> approximated zI zJ e i B -> approximated wI wJ e i B.
  have eX := @scaledE X; have eY := @scaledE Y.
  by split=> -[mX mY]; split=> [i /mX|j /mY]; apply: same => k; rewrite ?eX ?eY.
move=> eI eJ [c le]; exists c; rewrite -eI; congr (_ <= _): le.
by congr sqnorm; congr (_ - _); apply: eq_bigr => j _; rewrite eJ.
Qed.

Let short (B : seq (seq dyadic)) i :
  all (same_length (head [::] (X ++ Y))) B ->
  (size (nth [::] (map (enlarged b) (map integral B)) i) <= inputs)%N.
Proof.
move=> rect; have [lt|ge] := ltnP i (size B); last by rewrite nth_default // !size_map.
rewrite (nth_map [::]) ?size_map // (nth_map [::]) // !size_map.
by rewrite (same_lengthP ((all_nthP [::] rect) i lt)).
Qed.

Let shortC : rectangular X Y -> forall i, (size (nth [::] C i) <= inputs)%N.
Proof. by rewrite /rectangular all_cat => /andP[rect _] i; apply: short. Qed.

Let shortC' : rectangular X Y -> forall i, (size (nth [::] C' i) <= inputs)%N.
Proof. by rewrite /rectangular all_cat => /andP[_ rect] i; apply: short. Qed.

Let start_all keep :
    rectangular X Y ->
  pair_of (size X) (size Y) (start keep (layers X Y).1 (layers X Y).2)
  = ([set i | keep || (zX i != 0)], [set j | keep || (zY j != 0)]).
Proof.
move=> rect; rewrite layersE -/C -/C'.
rewrite (start_pair R sizeC sizeC' (shortC rect) (shortC' rect)).
by congr (_, _); apply/setP=> i; rewrite !inE scaledE scaler_eq0 (negPf (enlargement_neq0 _ _ _)).
Qed.

(* The words of the theorems, which hold by definition                    *)
Remark value_definition m e :
  value R (m, e) = if (0 <=? e)%Z then number m * number (2 ^ e)%Z else number m / number (2 ^ (- e))%Z.
Proof. by []. Qed.
Remark activation_definition B i : activations B i = \row_k value R (nth (0, 0)%Z (nth [::] B i) k).
Proof. by []. Qed.
Remark pair_definition (M : masks) m n :
  pair_of m n M = ([set i : 'I_m | nth false M.1 i], [set j : 'I_n | nth false M.2 j]).
Proof. by []. Qed.
Remark index_definition m n (v : 'I_m + 'I_n) :
  index_of v = match v with inl i => (false, i : nat) | inr j => (true, j : nat) end.
Proof. by []. Qed.

(* What the advice proves. The neurons that the maximum match is looked   *)
(* for among are all, or those that are not zero.                         *)
Theorem A8_checked_maximum_match advise num den keep M :
    accepts advise X Y num den keep M None ->
  maximum_match zX zY (number num / number den)
    ([set i | keep || (zX i != 0)], [set j | keep || (zY j != 0)]) (pair_of (size X) (size Y) M).
Proof.
rewrite /accepts layersE -/C -/C'.
case/and5P=> rect _ /Z.ltb_spec0 den_gt0 proved_x /and4P[proved_y MS matchesM].
case peelP: (peel _ _ _ _ _ _ _ _) => [rest|] // restM.
have [mM MS' maxM] := maximum_sound R sizeC sizeC' (shortC rect) (shortC' rect) den_gt0
  proved_x proved_y MS matchesM peelP restM.
rewrite -start_all //; split=> // [|S mS]; first exact/matchingE.
by apply: maxM; apply/matchingE.
Qed.

Theorem A8_checked_minimal_match advise num den keep M u :
    accepts advise X Y num den keep M (Some u) ->
  exists2 v, index_of v = u & minimal_match zX zY (number num / number den) v (pair_of (size X) (size Y) M).
Proof.
rewrite /accepts layersE -/C -/C'.
case/and5P=> rect _ /Z.ltb_spec0 den_gt0 proved_x /and5P[proved_y MS matchesM uM needM].
have [v eq_u] := start_index sizeC sizeC' (included_has MS uM); exists v => //.
rewrite -eq_u in uM needM.
have [mM vM minM] := minimal_sound R sizeC sizeC' (shortC rect) (shortC' rect) den_gt0
  proved_x proved_y uM matchesM needM.
split=> // [|S mS]; first exact/matchingE.
by apply: minM; apply/matchingE.
Qed.

End Theorems.
