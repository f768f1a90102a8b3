(* ====================================================================== *)
(* Finite sums in R^d: Cauchy-Schwarz and normal equations, and from      *)
(* them the downdate identity (A4), the balanced sizes (T11) and, with    *)
(* square roots, the robustness (T14).                                    *)
(*                                                                        *)
(*   dot u v, sqnorm u == the usual inner product and squared norm        *)
(*   combination z B c == the sum of c j * z j over j in B                *)
(*   squared_distance u z B q == q is the least |u - combination|^2       *)
(* ====================================================================== *)
From mathcomp Require Import all_ssreflect all_algebra.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory Order.TTheory.
Local Open Scope ring_scope.

Section Sums.

Variables (R : realFieldType) (I : finType) (A : {set I}) (k u : I -> R).

Lemma cauchy_schwarz :
  (\sum_(i in A) k i * u i) ^+ 2 <= (\sum_(i in A) k i ^+ 2) * (\sum_(i in A) u i ^+ 2).
Proof.
set s := \sum_(i in A) k i * u i; set K := \sum_(i in A) k i ^+ 2.
set U := \sum_(i in A) u i ^+ 2.
have K0 : 0 <= K by apply: sumr_ge0 => i _; apply: sqr_ge0.
have [eK|nK] := eqVneq K 0.
  suff -> : s = 0 by rewrite expr0n mulr_ge0 // sumr_ge0 // => i _; apply: sqr_ge0.
  apply: big1 => i iA; move/eqP: eK; rewrite psumr_eq0 => [/allP/(_ i)|j _].
    by rewrite mem_index_enum iA sqrf_eq0 => /(_ isT)/eqP->; rewrite mul0r.
  exact: sqr_ge0.
have gK : 0 < K by rewrite lt_neqAle eq_sym nK.
have : 0 <= \sum_(i in A) (K * u i - s * k i) ^+ 2 by apply: sumr_ge0 => i _; apply: sqr_ge0.
have -> : \sum_(i in A) (K * u i - s * k i) ^+ 2 = K * (K * U - s ^+ 2).
  transitivity (\sum_(i in A) (K ^+ 2 * u i ^+ 2 - (K * s *+ 2) * (k i * u i)
                               + s ^+ 2 * k i ^+ 2)).
    apply: eq_bigr => i _; rewrite sqrrB !exprMn; congr (_ - _ + _).
    by rewrite mulrnAl; congr (_ *+ 2); rewrite mulrACA [u i * _]mulrC.
  rewrite big_split /= sumrB -!mulr_sumr -/K -/U -/s mulrBr mulrA -expr2.
  rewrite -addrA; congr (_ + _); rewrite mulrnAl mulr2n opprD -addrA.
  by rewrite [s ^+ 2 * K]mulrC expr2 -!mulrA addNr addr0.
by rewrite pmulr_rge0 // subr_ge0.
Qed.

End Sums.

Section Euclid.

Variables (R : realFieldType) (d : nat).
Implicit Types (u v w : 'rV[R]_d).

Definition dot u v : R := \sum_j u 0 j * v 0 j.
Definition sqnorm u : R := \sum_j u 0 j ^+ 2.

Lemma sqnorm_dot u : sqnorm u = dot u u.
Proof. by apply: eq_bigr => j _; rewrite expr2. Qed.

Lemma dotC u v : dot u v = dot v u.
Proof. by apply: eq_bigr => j _; rewrite mulrC. Qed.

Lemma dotDl u v w : dot (u + v) w = dot u w + dot v w.
Proof. by rewrite -big_split; apply: eq_bigr => j _; rewrite mxE mulrDl. Qed.

Lemma dotZl a u v : dot (a *: u) v = a * dot u v.
Proof. by rewrite mulr_sumr; apply: eq_bigr => j _; rewrite mxE mulrA. Qed.

Lemma dot0l v : dot 0 v = 0.
Proof. by apply: big1 => j _; rewrite mxE mul0r. Qed.

Lemma dotNl u v : dot (- u) v = - dot u v.
Proof. by rewrite -scaleN1r dotZl mulN1r. Qed.

Lemma dot_suml (I : finType) (P : pred I) (z : I -> 'rV[R]_d) v :
  dot (\sum_(i | P i) z i) v = \sum_(i | P i) dot (z i) v.
Proof.
apply: (big_morph (fun u => dot u v)) => [u w|]; [exact: dotDl | exact: dot0l].
Qed.

Lemma sqnorm_ge0 u : 0 <= sqnorm u.
Proof. by apply: sumr_ge0 => j _; apply: sqr_ge0. Qed.

Lemma sqnormD u v : sqnorm (u + v) = sqnorm u + dot u v *+ 2 + sqnorm v.
Proof.
rewrite !sqnorm_dot dotDl ![dot _ (u + v)]dotC !dotDl [dot v u]dotC.
by rewrite mulr2n !addrA.
Qed.

Lemma sqnormZ a u : sqnorm (a *: u) = a ^+ 2 * sqnorm u.
Proof. by rewrite mulr_sumr; apply: eq_bigr => j _; rewrite mxE exprMn. Qed.

Lemma dot_sqr_le u v : dot u v ^+ 2 <= sqnorm u * sqnorm v.
Proof.
have := cauchy_schwarz [set: 'I_d] (fun j => u 0 j) (fun j => v 0 j).
rewrite /dot /sqnorm; under eq_bigl do rewrite inE.
by under [X in _ <= X * _ -> _]eq_bigl do rewrite inE; under [X in _ <= _ * X -> _]eq_bigl do rewrite inE.
Qed.

(* |sum of k i * e i|^2 <= (sum of k i^2) * (sum of |e i|^2)              *)
Lemma sqnorm_sum_le (I : finType) (A : {set I}) (k : I -> R) (e : I -> 'rV[R]_d) :
  sqnorm (\sum_(i in A) k i *: e i) <=
  (\sum_(i in A) k i ^+ 2) * (\sum_(i in A) sqnorm (e i)).
Proof.
rewrite /sqnorm [X in _ * X]exchange_big /= mulr_sumr; apply: ler_sum => j _.
rewrite summxE; under eq_bigr do rewrite mxE.
exact: (cauchy_schwarz A k (fun i => e i 0 j)).
Qed.

Section Distance.

Variables (I : finType) (z : I -> 'rV[R]_d).
Implicit Types (B : {set I}) (c t : I -> R).

Definition combination B c := \sum_(j in B) c j *: z j.

Definition squared_distance u B (q : R) :=
  (exists c, sqnorm (u - combination B c) = q) /\
  (forall c, q <= sqnorm (u - combination B c)).

(* t are least-squares coefficients: the error is orthogonal to every z k *)
Definition normal_equations u B t :=
  forall k, k \in B -> dot (u - combination B t) (z k) = 0.

Lemma normal_equations_distance u B t :
  normal_equations u B t -> squared_distance u B (sqnorm (u - combination B t)).
Proof.
move=> normal; split=> [|c]; first by exists t.
have -> : u - combination B c = (u - combination B t) + \sum_(j in B) (t j - c j) *: z j.
  under eq_bigr do rewrite scalerBl.
  by rewrite sumrB addrA subrK.
rewrite [X in _ <= X]sqnormD [X in X *+ 2]dotC dot_suml big1 ?mul0rn ?addr0 ?ler_addl ?sqnorm_ge0 // => j jB.
by rewrite dotZl dotC normal ?mulr0.
Qed.

(* h is row b of the inverse of the Gram matrix of the z j, j in B        *)
Definition inverse_gram_row B b (h : I -> R) :=
  forall k, k \in B -> \sum_(j in B) h j * dot (z j) (z k) = (k == b)%:R.

Lemma combination_dot B c k : dot (combination B c) (z k) = \sum_(j in B) c j * dot (z j) (z k).
Proof. by rewrite dot_suml; apply: eq_bigr => j _; rewrite dotZl. Qed.

Lemma inverse_gram_row_sqnorm B b h :
  b \in B -> inverse_gram_row B b h -> sqnorm (combination B h) = h b.
Proof.
move=> bB hP; rewrite sqnorm_dot {1}/combination dot_suml (bigD1 b) //=.
rewrite dotZl dotC combination_dot hP // eqxx mulr1 big1 ?addr0 // => j /andP[jB /negPf njb].
by rewrite dotZl dotC combination_dot hP // njb mulr0.
Qed.

Lemma pivot_gt0 B b h : b \in B -> inverse_gram_row B b h -> 0 < h b.
Proof.
move=> bB hP; have hE := inverse_gram_row_sqnorm bB hP.
rewrite lt_neqAle -{2}hE sqnorm_ge0 andbT eq_sym; apply/eqP=> h0.
have := hP b bB; rewrite eqxx -combination_dot => dot1.
have := dot_sqr_le (combination B h) (z b).
by rewrite hE h0 mul0r dot1 expr1n ler10.
Qed.

Definition downdated b h t (j : I) := t j - t b * h j / h b.

Lemma combination_downdated B b h t :
    b \in B -> h b != 0 ->
  combination (B :\ b) (downdated b h t) = combination B t - (t b / h b) *: combination B h.
Proof.
move=> bB hb; rewrite /combination scaler_sumr -sumrB [RHS](bigD1 b) //=.
rewrite scalerA divfK // subrr add0r; apply: eq_big => [j|j _].
  by rewrite !inE andbC.
by rewrite scalerA -scalerBl /downdated mulrAC.
Qed.

Theorem downdate u B b t h :
    b \in B -> normal_equations u B t -> inverse_gram_row B b h ->
  [/\ 0 < h b,
      squared_distance u B (sqnorm (u - combination B t)),
      normal_equations u (B :\ b) (downdated b h t)
    & squared_distance u (B :\ b) (sqnorm (u - combination B t) + t b ^+ 2 / h b)].
Proof.
move=> bB normal hP; have hb := pivot_gt0 bB hP.
have err : u - combination (B :\ b) (downdated b h t)
    = (u - combination B t) + (t b / h b) *: combination B h.
  by rewrite combination_downdated ?gt_eqF // opprB addrA addrAC.
have normal' : normal_equations u (B :\ b) (downdated b h t).
  move=> k; rewrite inE in_set1 => /andP[/negPf nkb kB].
  by rewrite err dotDl normal // dotZl combination_dot hP // nkb mulr0 addr0.
split=> //; first exact: normal_equations_distance.
have -> : sqnorm (u - combination B t) + t b ^+ 2 / h b
        = sqnorm (u - combination (B :\ b) (downdated b h t)); last first.
  exact: normal_equations_distance.
have orth : dot (combination B h) (u - combination B t) = 0.
  rewrite dot_suml big1 // => j jB.
  by rewrite dotZl dotC normal ?mulr0.
rewrite err [RHS]sqnormD [X in X *+ 2]dotC dotZl orth mulr0 mul0rn addr0.
rewrite sqnormZ (inverse_gram_row_sqnorm bB hP) expr_div_n [h b ^+ 2]expr2 invfM.
by rewrite -!mulrA mulVf ?mulr1 // gt_eqF.
Qed.

(* the same formula downdates the other rows of the inverse Gram matrix   *)
Theorem downdate_inverse_gram B b i h hi :
    b \in B -> inverse_gram_row B b h -> inverse_gram_row B i hi ->
  inverse_gram_row (B :\ b) i (downdated b h hi).
Proof.
move=> bB hP hiP k; rewrite inE in_set1 => /andP[/negPf nkb kB].
rewrite -combination_dot combination_downdated ?gt_eqF ?(pivot_gt0 bB hP) //.
rewrite dotDl dotNl dotZl !combination_dot hP // hiP // nkb mulr0 subr0 //.
Qed.

(* u depends on the basis B with a non-zero coefficient at b: it can take *)
(* b's place                                                              *)
Theorem pivot_span B b (u : I) t w :
    b \in B -> u \notin B -> z u = combination B t -> t b != 0 ->
  (exists c, w = combination B c) <-> (exists c, w = combination (u |: B :\ b) c).
Proof.
move=> bB uB zu tb; have splitB c : combination B c = c b *: z b + combination (B :\ b) c.
  rewrite /combination (bigD1 b) //=; congr (_ + _); apply: eq_bigl => j.
  by rewrite !inE andbC.
have splitU c : combination (u |: B :\ b) c = c u *: z u + combination (B :\ b) c.
  rewrite /combination (bigD1 u) ?setU11 //=; congr (_ + _); apply: eq_bigl => j.
  by rewrite !inE; case: eqVneq => [->|] //=; rewrite ?(negPf uB) ?andbF ?andbT.
have neq_u j : j \in B :\ b -> (j == u) = false.
  by rewrite inE => /andP[_ jB]; apply: contraNF uB => /eqP<-.
have addC a c c' : combination (B :\ b) (fun j => c j + a * c' j)
    = combination (B :\ b) c + a *: combination (B :\ b) c'.
  rewrite /combination scaler_sumr -big_split /=; apply: eq_bigr => j _.
  by rewrite scalerDl scalerA.
split=> -[c ->].
  exists (fun j => if j == u then c b / t b else c j + - (c b / t b) * t j).
  rewrite splitU eqxx zu splitB (splitB t) scalerDr scalerA divfK // -addrA; congr (_ + _).
  rewrite [X in _ = _ + X](_ : _ = combination (B :\ b) (fun j => c j + - (c b / t b) * t j)).
    by rewrite addC scaleNr addrCA subrr addr0.
  by apply: eq_bigr => j /neq_u->.
exists (fun j => if j == b then c u * t b else c j + c u * t j).
rewrite splitU zu (splitB t) splitB eqxx scalerDr scalerA -addrA; congr (_ + _).
rewrite [X in _ = X](_ : _ = combination (B :\ b) (fun j => c j + c u * t j)).
  by rewrite addC addrC.
by apply: eq_bigr => j; rewrite !inE => /andP[/negPf->].
Qed.

End Distance.

(* ---------------------------------------------------------------------- *)
(* T11: more vectors than predictors leave a combination with a small     *)
(* norm, since |A| vectors in a space of dimension |B| < |A| are          *)
(* dependent.                                                             *)
(* ---------------------------------------------------------------------- *)
Lemma kernel_combination (I J : finType) (A : {set I}) (B : {set J}) (c : I -> J -> R) :
    (#|B| < #|A|)%N ->
  exists2 k : I -> R, 0 < \sum_(i in A) k i ^+ 2
                    & forall j, j \in B -> \sum_(i in A) k i * c i j = 0.
Proof.
move=> ltBA; have /card_gt0P[a aA] : (0 < #|A|)%N by apply: leq_ltn_trans ltBA.
pose C : 'M[R]_(#|A|, #|B|) := \matrix_(s, t) c (enum_val s) (enum_val t).
have : kermx C != 0.
  rewrite kermx_eq0 /row_free; apply: contraTneq ltBA => <-.
  by rewrite -leqNgt rank_leq_col.
case/rowV0Pn=> w /sub_kermxP wC nzw.
pose k i := w 0 (enum_rank_in aA i).
have kE s : k (enum_val s) = w 0 s by rewrite /k enum_valK_in.
exists k => [|j jB]; last first.
  have /matrixP/(_ 0 (enum_rank_in jB j)) := wC; rewrite !mxE => sum0; rewrite -[RHS]sum0.
  rewrite (big_enum_val (fun i => k i * c i j)); apply: eq_bigr => s _.
  by rewrite kE mxE enum_rankK_in.
rewrite lt_neqAle sumr_ge0 ?andbT => [|i _]; last exact: sqr_ge0.
rewrite (big_enum_val (fun i => k i ^+ 2)) eq_sym; apply: contraNneq nzw => /eqP.
rewrite psumr_eq0 => [/allP all0|s _]; last exact: sqr_ge0.
apply/eqP/rowP=> s; rewrite mxE; apply/eqP.
by have := all0 s (mem_index_enum s); rewrite kE sqrf_eq0.
Qed.

Lemma small_combination (I J : finType) (zI : I -> 'rV[R]_d) (zJ : J -> 'rV[R]_d)
    (A : {set I}) (B : {set J}) (q : R) :
    (#|B| < #|A|)%N ->
    (forall i, i \in A -> exists c, sqnorm (zI i - combination zJ B c) <= q) ->
  exists2 k : I -> R, 0 < \sum_(i in A) k i ^+ 2
    & sqnorm (\sum_(i in A) k i *: zI i) <= (\sum_(i in A) k i ^+ 2) * (#|A|%:R * q).
Proof.
move=> ltBA near; have /fin_all_exists[c cP] i :
    exists c, i \in A -> sqnorm (zI i - combination zJ B c) <= q.
  by have [/near[c]|_] := boolP (i \in A); [exists c | exists (fun=> 0)].
have [k k_gt0 k0] := kernel_combination c ltBA; exists k => //.
have -> : \sum_(i in A) k i *: zI i = \sum_(i in A) k i *: (zI i - combination zJ B (c i)).
  under [RHS]eq_bigr do rewrite scalerBr.
  rewrite sumrB [X in _ - X](_ : _ = 0) ?subr0 //.
  under eq_bigr do rewrite scaler_sumr.
  rewrite exchange_big big1 //= => j jB; under eq_bigr do rewrite scalerA.
  by rewrite -scaler_suml k0 ?scale0r.
apply: le_trans (sqnorm_sum_le _ _ _) _; apply: ler_wpmul2l; first exact: ltW.
by rewrite mulr_natl -sumr_const; apply: ler_sum => i; apply: cP.
Qed.

End Euclid.

(* ---------------------------------------------------------------------- *)
(* Norms, and what moving the vectors a little does to an approximation   *)
(* ---------------------------------------------------------------------- *)
Section Norm.

Variables (R : rcfType) (d : nat).
Implicit Types (u v : 'rV[R]_d).

Definition norm u : R := Num.sqrt (sqnorm u).

Lemma norm_ge0 u : 0 <= norm u. Proof. exact: sqrtr_ge0. Qed.

Lemma norm_sqr u : norm u ^+ 2 = sqnorm u.
Proof. by rewrite sqr_sqrtr // sqnorm_ge0. Qed.

Lemma normD u v : norm (u + v) <= norm u + norm v.
Proof.
rewrite -(@ler_pexpn2r _ 2) ?nnegrE ?addr_ge0 ?norm_ge0 // norm_sqr sqnormD sqrrD !norm_sqr.
rewrite ler_add2r ler_add2l ler_muln2r /=; apply: le_trans (ler_norm _) _.
rewrite -sqrtr_sqr /norm -sqrtrM ?sqnorm_ge0 //.
exact/ler_wsqrtr/dot_sqr_le.
Qed.

Lemma normZ a u : norm (a *: u) = `|a| * norm u.
Proof. by rewrite /norm sqnormZ sqrtrM ?sqr_ge0 // sqrtr_sqr. Qed.

Lemma normB u v : norm (u - v) = norm (v - u).
Proof. by rewrite -opprB -scaleN1r normZ normrN1 mul1r. Qed.

Lemma norm_combination (J : finType) (e : J -> 'rV[R]_d) (B : {set J}) c delta :
  (forall j, norm (e j) <= delta) ->
  norm (combination e B c) <= (\sum_(j in B) `|c j|) * delta.
Proof.
move=> le_delta; rewrite mulr_suml /combination.
apply: (big_ind2 (fun (u : 'rV[R]_d) (a : R) => norm u <= a)) => [|u a v b ua vb|j _].
- by rewrite -[X in norm X](scale0r (0 : 'rV[R]_d)) normZ normr0 mul0r.
- exact: le_trans (normD u v) (ler_add ua vb).
- by rewrite normZ ler_wpmul2l.
Qed.

Lemma moved_approximation (I J : finType) (zI wI : I -> 'rV[R]_d) (zJ wJ : J -> 'rV[R]_d)
    i (B : {set J}) c (eps kappa delta : R) :
    delta < 1 ->
    norm (zI i) = 1 -> norm (wI i - zI i) <= delta ->
    (forall j, norm (wJ j - zJ j) <= delta) ->
    norm (zI i - combination zJ B c) <= eps -> \sum_(j in B) `|c j| <= kappa ->
  norm (wI i - combination wJ B c) <= (eps + delta * (1 + kappa)) / (1 - delta) * norm (wI i).
Proof.
move=> lt1 unit_i moved_i moved_j le_eps le_kappa.
have d_ge0 : 0 <= delta by apply: le_trans (norm_ge0 _) moved_i.
have big : 1 - delta <= norm (wI i).
  rewrite ler_subl_addr -unit_i -{1}[zI i](subrK (wI i)) addrC.
  by apply: le_trans (normD _ _) _; rewrite ler_add2l normB.
have err : norm (wI i - combination wJ B c) <= eps + delta * (1 + kappa).
  have -> : wI i - combination wJ B c
      = (zI i - combination zJ B c) + ((wI i - zI i) + combination (fun j => zJ j - wJ j) B c).
    have -> : combination (fun j => zJ j - wJ j) B c = combination zJ B c - combination wJ B c.
      by rewrite /combination -sumrB; apply: eq_bigr => j _; rewrite scalerBr.
    have swap : (zI i - combination zJ B c) + (wI i - zI i) = wI i - combination zJ B c.
      by rewrite addrC addrA subrK.
    by rewrite addrA swap addrA subrK.
  apply: le_trans (normD _ _) _; apply: ler_add => //.
  apply: le_trans (normD _ _) _; rewrite mulrDr mulr1; apply: ler_add => //.
  apply: le_trans (norm_combination _ _ (delta := delta) _) _ => [j|]; first by rewrite normB.
  by rewrite mulrC ler_wpmul2l.
have num_ge0 : 0 <= eps + delta * (1 + kappa) by apply: le_trans (norm_ge0 _) err.
apply: le_trans err _; rewrite -mulrA ler_pemulr // mulrC ler_pdivl_mulr ?subr_gt0 //.
by rewrite mul1r.
Qed.

End Norm.
