(* ====================================================================== *)
(* The theorems for real activation vectors, in plain terms.              *)
(*                                                                        *)
(* Two networks with finite sets X and Y of neurons, observed on d        *)
(* inputs: zX x and zY y are row vectors in R^d (type 'rV[R]_d), where R  *)
(* is any ordered field (realFieldType), in the last two sections one     *)
(* with square roots (rcfType); the real numbers are both.                *)
(*                                                                        *)
(* How to read the notation:                                              *)
(*   A : {set X}          a set of neurons; set0 is empty                 *)
(*   P : spair X Y        a pair (P.1, P.2) of a set in X and one in Y    *)
(*   v : X + Y            a neuron of either network: inl x or inr y      *)
(*   #|A|                 the number of elements of A                     *)
(*   a *: u               the vector u times the number a                 *)
(*   \sum_(j in B) f j    the finite sum of f j over j in B               *)
(*   iter n f S           f applied n times to S                          *)
(*   exists! M, ...       there is exactly one M such that ...            *)
(*   [/\ a, b & c]        a and b and c                                   *)
(*                                                                        *)
(* Each theorem's name begins with its number in the theory. A reader     *)
(* has to trust the definitions and the statements of this file, and      *)
(* nothing else: definitions that it takes from other files are repeated  *)
(* as remarks, which hold by definition (the proof is "by []").           *)
(* ====================================================================== *)
From mathcomp Require Import all_ssreflect all_algebra.
From spanmatch Require Import cover peeling minimal pairs span residual.
From spanmatch Require Import levels duality digraph algorithms euclid.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory Order.TTheory.
Local Open Scope ring_scope.

(* ---------------------------------------------------------------------- *)
(* Words about pairs of sets (D2)                                         *)
(* ---------------------------------------------------------------------- *)
Section Words.

Variables (X Y : finType).
Implicit Types (P Q : spair X Y) (v : X + Y).

(* inclusion, union, intersection, the empty pair, all neurons            *)
Remark inclusion P Q : psub P Q = (P.1 \subset Q.1) && (P.2 \subset Q.2).
Proof. by []. Qed.
Remark union P Q : pU P Q = (P.1 :|: Q.1, P.2 :|: Q.2).
Proof. by []. Qed.
Remark intersection P Q : pI P Q = (P.1 :&: Q.1, P.2 :&: Q.2).
Proof. by []. Qed.
Remark empty_pair : p0 X Y = (set0, set0).
Proof. by []. Qed.
Remark all_neurons : pT X Y = (setT, setT).
Proof. by []. Qed.
Remark union_of_family (F : {set spair X Y}) :
  punion F = (\bigcup_(P in F) P.1, \bigcup_(P in F) P.2).
Proof. by []. Qed.

(* the neuron v is in P; P without v; P and Q have a common neuron        *)
Remark neuron_in v P :
  pin v P = match v with inl x => x \in P.1 | inr y => y \in P.2 end.
Proof. by []. Qed.
Remark without v P :
  premove v P = match v with inl x => (P.1 :\ x, P.2) | inr y => (P.1, P.2 :\ y) end.
Proof. by []. Qed.
Remark meeting P Q : pmeets P Q = (P.1 :&: Q.1 != set0) || (P.2 :&: Q.2 != set0).
Proof. by []. Qed.

(* P is inclusion-minimal with the property F; P meets all sets with F    *)
Definition minimal_with (F : spair X Y -> Prop) P :=
  F P /\ forall Q, F Q -> psub Q P -> Q = P.
Definition transversal (F : spair X Y -> Prop) P := forall H, F H -> pmeets P H.

Lemma pair_minimalP (f : pred (spair X Y)) (F : spair X Y -> Prop) P :
  (forall Q, f Q <-> F Q) -> (pair_minimal f P <-> minimal_with F P).
Proof.
move=> fF; split=> [/andP[/fF FP /forallP minP]|[/fF fP minP]].
  by split=> // Q /fF fQ QP; apply/eqP; move: (minP Q); rewrite fQ QP.
apply/andP; split=> //; apply/forallP=> Q; apply/implyP=> /andP[/fF FQ QP].
exact/eqP/minP.
Qed.

Lemma pair_meets_allP (f : pred (spair X Y)) (F : spair X Y -> Prop) P :
  (forall Q, f Q <-> F Q) -> (pair_meets_all f P <-> transversal F P).
Proof.
move=> fF; split=> [/forallP meets H /fF fH|meets].
  by move: (meets H); rewrite fH.
by apply/forallP=> H; apply/implyP=> /fF; apply: meets.
Qed.

End Words.

(* ---------------------------------------------------------------------- *)
(* Words about vectors                                                    *)
(* ---------------------------------------------------------------------- *)
Section Vectors.

Variables (R : realFieldType) (d : nat) (I J : finType).
Variables (zI : I -> 'rV[R]_d) (zJ : J -> 'rV[R]_d).
Implicit Types (u v : 'rV[R]_d) (A : {set I}) (B : {set J}).

Remark inner_product u v : dot u v = \sum_j u 0 j * v 0 j.
Proof. by []. Qed.
Remark squared_norm u : sqnorm u = \sum_j u 0 j ^+ 2.
Proof. by []. Qed.
Remark linear_combination B (c : J -> R) : combination zJ B c = \sum_(j in B) c j *: zJ j.
Proof. by []. Qed.

(* some combination of the neurons of B is within eps |z i| of z i (D1)   *)
Definition approximated eps i B :=
  exists c : J -> R, sqnorm (zI i - combination zJ B c) <= eps ^+ 2 * sqnorm (zI i).

Definition independent A :=
  forall k : I -> R, combination zI A k = 0 -> forall i, i \in A -> k i = 0.

(* r is the relative residual: r i B is the least eps for which i is      *)
(* approximated by B                                                      *)
Definition relative_residual (r : I -> {set J} -> R) :=
  forall i B, 0 <= r i B /\
    forall eps, 0 <= eps -> (approximated eps i B <-> r i B <= eps).

Lemma approximatedP eps i B :
  reflect (approximated eps i B) (near (@stdot_ip R d) eps zI zJ i B).
Proof.
have normE u : norm2 (@stdot R d) u = sqnorm u.
  by apply: eq_bigr => j _; rewrite expr2.
apply: (iffP (nearP _ _ _ _ _ _)) => [[w /span_ofP[c ->] le]|[c le]].
  by exists c; rewrite -!normE.
exists (combination zJ B c); last by rewrite !normE.
by apply/span_ofP; exists c.
Qed.

Lemma independentP A : independent A <-> indep zI A.
Proof. by split=> [ind|/indepP]; first apply/indepP. Qed.

Theorem T1_approximated_by_more eps i B B' :
  B \subset B' -> approximated eps i B -> approximated eps i B'.
Proof. by move=> BB' /approximatedP nearB; apply/approximatedP/(nearM BB'). Qed.

Theorem T1_residual_monotone r i B B' :
  relative_residual r -> B \subset B' -> r i B' <= r i B.
Proof.
move=> rP BB'; have [ge0 approxB] := rP i B; have [_ approxB'] := rP i B'.
by apply/approxB'/(T1_approximated_by_more BB')/approxB.
Qed.

End Vectors.

(* ---------------------------------------------------------------------- *)
(* Approximate matches                                                    *)
(* ---------------------------------------------------------------------- *)
Section Matches.

Variables (R : realFieldType) (d : nat) (X Y : finType).
Variables (zX : X -> 'rV[R]_d) (zY : Y -> 'rV[R]_d).
Implicit Types (eps : R) (P Q S M H : spair X Y) (v u : X + Y) (s : seq (X + Y)).

(* D1                                                                     *)
Definition eps_approximate_match eps P :=
  (forall x, x \in P.1 -> approximated zX zY eps x P.2) /\
  (forall y, y \in P.2 -> approximated zY zX eps y P.1).

(* D3, within S: with S = all neurons, M is the maximum match             *)
Definition maximum_match eps S M :=
  [/\ eps_approximate_match eps M, psub M S
    & forall P, eps_approximate_match eps P -> psub P S -> psub P M].

(* D5                                                                     *)
Definition simple_match eps P :=
  [/\ eps_approximate_match eps P, P <> p0 X Y
    & forall F : {set spair X Y},
        (forall Q, Q \in F -> [/\ eps_approximate_match eps Q, psub Q P & Q <> P]) ->
        punion F <> P].

(* D6                                                                     *)
Definition minimal_match eps v P :=
  [/\ eps_approximate_match eps P, pin v P
    & forall Q, eps_approximate_match eps Q -> pin v Q -> psub Q P -> Q = P].

(* one step and n steps of peeling: remove some neurons, any of those     *)
(* that violate D1 in the current pair, at least one                      *)
Definition peel_step eps P Q :=
  exists (A : {set X}) (B : {set Y}),
    [/\ (A != set0) || (B != set0),
        forall x, x \in A -> x \in P.1 /\ ~ approximated zX zY eps x P.2,
        forall y, y \in B -> y \in P.2 /\ ~ approximated zY zX eps y P.1
      & Q = (P.1 :\: A, P.2 :\: B)].

Fixpoint peel_steps eps n P Q : Prop :=
  if n is n'.+1 then exists2 P', peel_step eps P P' & peel_steps eps n' P' Q
  else P = Q.

(* v is not in the maximum match of what is left without H: no match with *)
(* v avoids H                                                             *)
Definition eviction eps v H :=
  forall P, eps_approximate_match eps P -> pin v P -> pmeets P H.

(* programs that decide D1, however they do it                            *)
Definition decides eps (tX : X -> {set Y} -> bool) (tY : Y -> {set X} -> bool) :=
  (forall x B, tX x B <-> approximated zX zY eps x B) /\
  (forall y A, tY y A <-> approximated zY zX eps y A).

(* The algorithms, with such programs. A1: remove the first neuron of the *)
(* list s that violates D1 and start over. A3: keep the covered neurons   *)
(* of one side, then of the other, and repeat. A2: from the maximum match *)
(* and for each u of the list s, if u is in P, is not v, and the maximum  *)
(* match of P without u still has v, continue with that match.            *)
Section Programs.
Variables (tX : X -> {set Y} -> bool) (tY : Y -> {set X} -> bool).

Remark program_violates P v :
  violates tX tY P v = match v with
                       | inl x => (x \in P.1) && ~~ tX x P.2
                       | inr y => (y \in P.2) && ~~ tY y P.1 end.
Proof. by []. Qed.
Remark program_A1 s S :
  peel_first tX tY s S =
  iter (#|S.1| + #|S.2|)
       (fun P => if ohead [seq v <- s | violates tX tY P v] is Some v
                 then premove v P else P) S.
Proof. by []. Qed.
Remark program_sweep P :
  sweep tX tY P = let A := [set x in P.1 | tX x P.2] in (A, [set y in P.2 | tY y A]).
Proof. by []. Qed.
Remark program_A3 S : peel_sweeps tX tY S = iter (#|S.1| + #|S.2|) (sweep tX tY) S.
Proof. by []. Qed.
Remark program_A2 v s S :
  deletion tX tY v s S =
  foldl (fun P u => let Q := peel_sweeps tX tY (premove u P) in
                    if [&& pin u P, u != v & pin v Q] then Q else P)
        (peel_sweeps tX tY S) s.
Proof. by []. Qed.
End Programs.

(* --- from here on to the theorems: how the plain words relate to those  *)
(* --- of the other files                                                 *)
Local Notation nearX eps := (near (@stdot_ip R d) eps zX zY).
Local Notation nearY eps := (near (@stdot_ip R d) eps zY zX).
Local Notation nearXM eps := (@nearM R _ _ (@stdot_ip R d) eps _ _ zX zY).
Local Notation nearYM eps := (@nearM R _ _ (@stdot_ip R d) eps _ _ zY zX).

Lemma matchP eps P : reflect (eps_approximate_match eps P) (is_match (nearX eps) (nearY eps) P).
Proof.
apply: (iffP andP) => -[mX mY]; split.
- by move=> x xP; apply/approximatedP; apply: (forall_inP mX).
- by move=> y yP; apply/approximatedP; apply: (forall_inP mY).
- by apply/forall_inP=> x xP; apply/approximatedP; apply: mX.
- by apply/forall_inP=> y yP; apply/approximatedP; apply: mY.
Qed.

Lemma maximumP eps S M :
  maximum_match eps S M <-> M = max_match (nearX eps) (nearY eps) S.
Proof.
have [mM MS maxM] := max_match_spec (nearXM eps) (nearYM eps) S.
split=> [[/matchP mM' M'S maxM']|->]; last first.
  by split=> // [|P /matchP]; [apply/matchP | apply: maxM].
apply/enc_inj/eqP; rewrite eqEsubset !enc_sub maxM //=.
by apply: maxM' => //; apply/matchP.
Qed.

Lemma minimalP eps v P :
  minimal_match eps v P <-> is_vminimal (nearX eps) (nearY eps) v P.
Proof.
split=> [[/matchP mP vP minP]|/and3P[/matchP mP vP /forallP minP]].
  apply/and3P; split=> //; apply/forallP=> Q; apply/implyP=> /and3P[/matchP mQ vQ QP].
  exact/eqP/minP.
by split=> // Q /matchP mQ vQ QP; apply/eqP; move: (minP Q); rewrite mQ vQ QP.
Qed.

Lemma simpleP eps P : simple_match eps P <-> is_simple (nearX eps) (nearY eps) P.
Proof.
split=> [[/matchP mP nz indec]|/and3P[/matchP mP /eqP nz /forallP indec]].
  apply/and3P; split=> //; first exact/eqP.
  apply/forallP=> F; apply/implyP=> /subsetP ltF; apply/eqP/indec => Q /ltF.
  by rewrite inE => /andP[/matchP mQ /andP[QP /eqP]].
split=> // F ltF; apply/eqP; have /implyP := indec F; apply.
by apply/subsetP=> Q /ltF[/matchP mQ QP /eqP nQP]; rewrite inE mQ /plt QP.
Qed.

Lemma peel_stepP eps P Q : peel_step eps P Q <-> ppeel1 (nearX eps) (nearY eps) P Q.
Proof.
split=> [[A [B [nz AP BP ->]]]|[A B nz AP BP]].
  split=> // [x /AP[-> napp]|y /BP[-> napp]]; exact/approximatedP.
exists A, B; split=> // [x /AP|y /BP] /andP[-> /approximatedP napp]; by split.
Qed.

Lemma peel_stepsP eps n P Q : peel_steps eps n P Q <-> ppeels (nearX eps) (nearY eps) n P Q.
Proof.
split=> [|run]; last by elim: run => {n P Q} //= n P P1 Q /peel_stepP step _; exists P1.
elim: n P => /= [P ->|n IHn P [P1 /peel_stepP step /IHn]]; first exact: PPeelsDone.
exact: PPeelsStep.
Qed.

Lemma evictionP eps v H : is_eviction (nearX eps) (nearY eps) v H <-> eviction eps v H.
Proof.
have [mM MS maxM] := max_match_spec (nearXM eps) (nearYM eps) (pC H).
have avoid P : psub P (pC H) = ~~ pmeets P H.
  by rewrite -enc_sub encC pmeetsE negbK setI_eq0 disjoints_subset.
split=> [evicted P /matchP mP vP|evicted].
  apply: contraNT evicted; rewrite -avoid => /(maxM _ mP).
  by rewrite -enc_sub -!in_enc in vP * => /subsetP; apply.
apply/negP=> vM; move: MS; rewrite avoid => /negP; apply.
by apply: evicted vM; apply/matchP.
Qed.

Lemma decidesE eps tX tY :
  decides eps tX tY -> tX =2 nearX eps /\ tY =2 nearY eps.
Proof.
case=> tXP tYP; split=> [x B|y A]; apply/idP/approximatedP;
  by [apply/tXP | apply/tYP | move/tXP | move/tYP].
Qed.

Lemma decides_monotone eps tX tY :
    decides eps tX tY ->
  (forall x (A B : {set Y}), A \subset B -> tX x A -> tX x B) /\
  (forall y (A B : {set X}), A \subset B -> tY y A -> tY y B).
Proof.
case/decidesE=> eX eY; split=> [x A B|y A B] AB.
  by rewrite !eX; apply: nearM.
by rewrite !eY; apply: nearM.
Qed.

Lemma decides_maximum eps tX tY S :
  decides eps tX tY -> maximum_match eps S (max_match tX tY S).
Proof.
case/decidesE=> eX eY; apply/maximumP; apply: enc_inj; rewrite !enc_max_match.
by apply: eq_maxst => -[z|z] N; rewrite /= ?eX ?eY.
Qed.

(* --- the theorems ------------------------------------------------------ *)
Theorem T2_union_of_matches eps P Q :
    eps_approximate_match eps P -> eps_approximate_match eps Q ->
  eps_approximate_match eps (pU P Q).
Proof.
move=> /matchP mP /matchP mQ; apply/matchP.
exact: (T2_cover_union_of_matches (nearXM eps) (nearYM eps) mP mQ).
Qed.

Theorem T3_maximum_match_exists eps S : exists! M, maximum_match eps S M.
Proof.
exists (max_match (nearX eps) (nearY eps) S); split; first exact/maximumP.
by move=> M /maximumP.
Qed.

(* T4: a peeling that ends in a match has found the maximum match, it     *)
(* ends, and it never has to stop anywhere else                           *)
Theorem T4_any_peeling_order eps n S M :
  peel_steps eps n S M -> eps_approximate_match eps M -> maximum_match eps S M.
Proof.
move=> /peel_stepsP run /matchP mM; apply/maximumP.
exact: (T4_cover_any_peeling_order (nearXM eps) (nearYM eps) run mM).
Qed.

Theorem T4_peeling_ends eps n S M :
  peel_steps eps n S M -> (n + (#|M.1| + #|M.2|) <= #|S.1| + #|S.2|)%N.
Proof. by move=> /peel_stepsP /T4_cover_peeling_ends. Qed.

Theorem T4_peeling_never_stuck eps P :
  ~ eps_approximate_match eps P -> exists Q, peel_step eps P Q.
Proof.
move=> /matchP/T4_cover_peeling_never_stuck[Q step].
by exists Q; apply/peel_stepP.
Qed.

Theorem T5_nested eps eps' S M M' :
    0 <= eps <= eps' -> maximum_match eps S M -> maximum_match eps' S M' ->
  psub M M'.
Proof. by move=> le /maximumP-> /maximumP->; apply: eps_max_nested. Qed.

Theorem T7_minimal_match_exists eps v P :
    eps_approximate_match eps P -> pin v P ->
  exists2 Q, minimal_match eps v Q & psub Q P.
Proof.
move=> /matchP mP vP; have [Q minQ QP] := T7_cover_minimal_match_exists mP vP.
by exists Q => //; apply/minimalP.
Qed.

Theorem T7_union_of_simple eps P :
    eps_approximate_match eps P ->
  exists2 F : {set spair X Y},
    (forall Q, Q \in F <-> simple_match eps Q /\ psub Q P) & punion F = P.
Proof.
move=> /matchP mP; have := T7_cover_union_of_simple mP.
exists [set Q | is_simple (nearX eps) (nearY eps) Q && psub Q P] => // Q.
by rewrite inE; split=> [/andP[/simpleP]|[/simpleP-> ->]].
Qed.

Theorem T7_simple_iff_minimal eps P :
  simple_match eps P <-> exists v, minimal_match eps v P.
Proof.
rewrite simpleP T7_cover_simple_iff_minimal.
by split=> -[v /minimalP]; exists v.
Qed.

Theorem T15_minimal_matches_are_transversals eps v P :
  minimal_match eps v P <->
  minimal_with (transversal (minimal_with (eviction eps v))) P.
Proof.
rewrite minimalP (T15_cover_minimal_matches_are_transversals (nearXM eps) (nearYM eps)).
apply: pair_minimalP => Q; apply: pair_meets_allP => H.
by apply: pair_minimalP => W; apply: evictionP.
Qed.

Theorem T15_minimal_evictions_are_transversals eps v H :
  minimal_with (eviction eps v) H <->
  minimal_with (transversal (minimal_match eps v)) H.
Proof.
rewrite -(pair_minimalP _ (evictionP eps v)) -/(is_minimal_eviction _ _ _).
rewrite (T15_cover_minimal_evictions_are_transversals (nearXM eps) (nearYM eps)).
apply: pair_minimalP => Q; apply: pair_meets_allP => P.
by rewrite minimalP.
Qed.

Theorem A1_first_violator_finds_maximum eps tX tY s S :
    decides eps tX tY -> (forall v, v \in s) ->
  maximum_match eps S (peel_first tX tY s S).
Proof.
move=> dec alls; have [tXM tYM] := decides_monotone dec.
by rewrite (A1_cover_first_violator tXM tYM) //; apply: decides_maximum.
Qed.

Theorem A2_deletion_is_minimal eps tX tY v s S P :
    decides eps tX tY ->
    eps_approximate_match eps P -> psub P S -> pin v P ->
    (forall u, pin u S -> u \in s) ->
  minimal_match eps v (deletion tX tY v s S) /\ psub (deletion tX tY v s S) S.
Proof.
move=> dec mP PS vP alls; have [tXM tYM] := decides_monotone dec.
have [_ _ maxM] := decides_maximum S dec.
have vM : pin v (max_match tX tY S).
  have := maxM P mP PS; rewrite -enc_sub => /subsetP/(_ v).
  by rewrite !in_enc; apply.
have [minD DS] := A2_cover_deletion_is_minimal tXM tYM vM alls.
rewrite deletionE //; split=> //.
have [eX eY] := decidesE dec; move: minD; rewrite !is_vminimalE => /vminimalP[sD vD minD].
have stE N : stable (cov tX tY) N = stable (cov (nearX eps) (nearY eps)) N.
  by apply: eq_stable => -[z|z] N'; rewrite /= ?eX ?eY.
apply/minimalP; rewrite is_vminimalE; apply/vminimalP; split=> // [|N].
  by rewrite -stE.
by rewrite -stE; apply: minD.
Qed.

Theorem A3_batch_peel_finds_maximum eps tX tY S :
  decides eps tX tY -> maximum_match eps S (peel_sweeps tX tY S).
Proof.
move=> dec; have [tXM tYM] := decides_monotone dec.
by rewrite peel_sweepsE //; apply: decides_maximum.
Qed.

(* T11: sigma2 is at most the square of the least singular value of       *)
(* either side (the least |Z c|^2 over all c with |c| = 1)                *)
Theorem T11_balanced_sizes eps (sigma2 : R) P :
    (forall x, sqnorm (zX x) = 1) -> (forall y, sqnorm (zY y) = 1) ->
    (forall c : X -> R, sigma2 * (\sum_x c x ^+ 2) <= sqnorm (\sum_x c x *: zX x)) ->
    (forall c : Y -> R, sigma2 * (\sum_y c y ^+ 2) <= sqnorm (\sum_y c y *: zY y)) ->
    eps ^+ 2 * (maxn #|X| #|Y|)%:R < sigma2 ->
  eps_approximate_match eps P -> #|P.1| = #|P.2|.
Proof.
move=> unitX unitY sigX sigY lt_eps [mX mY].
have half (I J : finType) (zI : I -> 'rV[R]_d) (zJ : J -> 'rV[R]_d) (A : {set I}) (B : {set J}) :
    (forall i, sqnorm (zI i) = 1) ->
    (forall c : I -> R, sigma2 * (\sum_i c i ^+ 2) <= sqnorm (\sum_i c i *: zI i)) ->
    eps ^+ 2 * #|I|%:R < sigma2 ->
    (forall i, i \in A -> approximated zI zJ eps i B) -> (#|A| <= #|B|)%N.
  move=> unitI sigI lt_I mA; rewrite leqNgt; apply/negP=> ltBA.
  have [i iA|k k_gt0] := @small_combination _ _ _ _ zI zJ A B (eps ^+ 2) ltBA.
    by have [c] := mA i iA; rewrite unitI mulr1; exists c.
  apply/negP; rewrite -ltNge.
  pose k' i := if i \in A then k i else 0.
  have sqE : \sum_(i in A) k i ^+ 2 = \sum_i k' i ^+ 2.
    by rewrite big_mkcond; apply: eq_bigr => i _; rewrite /k'; case: ifP; rewrite ?expr0n.
  have -> : \sum_(i in A) k i *: zI i = \sum_i k' i *: zI i.
    by rewrite big_mkcond; apply: eq_bigr => i _; rewrite /k'; case: ifP; rewrite ?scale0r.
  apply: lt_le_trans (sigI k'); rewrite sqE in k_gt0 *; rewrite mulrC ltr_pmul2r //.
  apply: le_lt_trans lt_I; rewrite mulrC ler_wpmul2l ?sqr_ge0 // ler_nat.
  exact: max_card.
have le_max (n : nat) : (n <= maxn #|X| #|Y|)%N -> eps ^+ 2 * n%:R < sigma2.
  by move=> le_n; apply: le_lt_trans lt_eps; rewrite ler_wpmul2l ?sqr_ge0 // ler_nat.
apply/eqP; rewrite eqn_leq; apply/andP; split.
  by apply: half unitX sigX _ mX; apply/le_max/leq_maxl.
by apply: half unitY sigY _ mY; apply/le_max/leq_maxr.
Qed.

End Matches.

(* ---------------------------------------------------------------------- *)
(* Minimal matches are not unique in general, and matches are not closed  *)
(* under intersection (T8): one neuron against two, all three the same.   *)
(* ---------------------------------------------------------------------- *)
Theorem T8_minimal_matches_not_unique (R : realFieldType) (eps : R) :
    0 <= eps < 1 ->
  exists (zX : 'I_1 -> 'rV[R]_1) (zY : 'I_2 -> 'rV[R]_1) v (P Q : spair _ _),
    [/\ minimal_match zX zY eps v P, minimal_match zX zY eps v Q, P <> Q
      & ~ eps_approximate_match zX zY eps (pI P Q)].
Proof.
case/andP=> ge0 lt1; pose z (n : nat) (i : 'I_n) : 'rV[R]_1 := const_mx 1.
have sq1 n i : sqnorm (z n i) = 1 by rewrite /sqnorm big_ord1 mxE expr1n.
have sq_lt1 : eps ^+ 2 < 1 by rewrite expr_lt1.
have empty m n (i : 'I_m) (B : {set 'I_n}) : approximated (z m) (z n) eps i B -> B != set0.
  case=> c; rewrite sq1 mulr1; apply: contraTneq => ->.
  by rewrite /combination big_set0 subr0 sq1 -ltNge.
have single m n (i : 'I_m) (j : 'I_n) : approximated (z m) (z n) eps i [set j].
  exists (fun=> 1); rewrite /combination big_set1 scale1r sq1 mulr1.
  rewrite (_ : z m i - z n j = 0) ?subrr ?(sqnormZ 0 0) //.
  by rewrite /sqnorm big_ord1 mxE expr0n sqr_ge0.
have minimal y : minimal_match (z 1%N) (z 2%N) eps (inl ord0) ([set ord0], [set y]).
  split; [split | by rewrite /= inE | ].
  - by move=> x _; apply: single.
  - by move=> y' _; apply: single.
  move=> [A B] [mA _] /= xA /andP[/= sA sB]; congr (_, _).
    by apply/eqP; rewrite eqEsubset sA sub1set.
  by move: sB; rewrite subset1 (negPf (empty _ _ _ _ (mA _ xA))) orbF => /eqP.
exists (z 1%N), (z 2%N), (inl ord0), ([set ord0], [set ord0]), ([set ord0], [set ord_max]).
split; [exact: minimal | exact: minimal | by case=> /setP/(_ ord0); rewrite !inE |].
case=> /(_ ord0); rewrite /= !inE => /(_ isT)/empty/negP[].
by apply/eqP/setP=> y; rewrite !inE; case: (y =P ord0) => // ->.
Qed.

(* ---------------------------------------------------------------------- *)
(* Exact matches (eps = 0)                                                *)
(* ---------------------------------------------------------------------- *)
Section Exact.

Variables (R : realFieldType) (d : nat) (X Y : finType).
Variables (zX : X -> 'rV[R]_d) (zY : Y -> 'rV[R]_d).
Implicit Types (P Q M : spair X Y) (u v : X + Y).

Local Notation exact_match := (eps_approximate_match zX zY 0).

(* w is a combination of the neurons of A                                 *)
Definition spanned (I : finType) (z : I -> 'rV[R]_d) (A : {set I}) (w : 'rV[R]_d) :=
  exists c, w = combination z A c.

Local Notation covX := (in_span zX zY).
Local Notation covY := (in_span zY zX).

Lemma exact_matchP P : reflect (exact_match P) (is_match covX covY P).
Proof.
rewrite (_ : is_match _ _ P = is_match (near (@stdot_ip R d) 0 zX zY) (near (@stdot_ip R d) 0 zY zX) P).
  exact: matchP.
by rewrite /is_match; congr (_ && _); apply: eq_forallb => i; rewrite near0E.
Qed.

Lemma exact_maximumE S M : maximum_match zX zY 0 S M -> M = max_match covX covY S.
Proof.
move/maximumP->; apply: enc_inj; rewrite !enc_max_match.
by apply: eq_maxst => -[z|z] N; rewrite /= near0E.
Qed.

Lemma exact_stable N :
  stable (cov covX covY) N =
  stable (cov (near (@stdot_ip R d) 0 zX zY) (near (@stdot_ip R d) 0 zY zX)) N.
Proof. by apply: eq_stable => -[z|z] N'; rewrite /= near0E. Qed.

Lemma exact_minimalP v P : minimal_match zX zY 0 v P <-> is_vminimal covX covY v P.
Proof.
rewrite minimalP !is_vminimalE.
split=> /vminimalP[sP vP minP]; apply/vminimalP; split=> //.
- by rewrite exact_stable.
- by move=> N; rewrite exact_stable; apply: minP.
- by rewrite -exact_stable.
- by move=> N; rewrite -exact_stable; apply: minP.
Qed.

Lemma exact_simpleP P : simple_match zX zY 0 P <-> is_simple covX covY P.
Proof.
rewrite T7_simple_iff_minimal T7_cover_simple_iff_minimal.
by split=> -[v /exact_minimalP]; exists v.
Qed.

Theorem D1_exact_iff_equal_spans P :
  exact_match P <-> forall w, spanned zX P.1 w <-> spanned zY P.2 w.
Proof.
have spanE (I : finType) (z : I -> 'rV[R]_d) A w : spanned z A w <-> w \in span_of z A.
  by split=> /span_ofP.
split=> [/exact_matchP|same].
  by rewrite exact_matchE => /eqP eqs w; rewrite !spanE eqs.
apply/exact_matchP; rewrite exact_matchE; apply/eqP/vspaceP=> w.
by apply/idP/idP=> /spanE/same/spanE.
Qed.

Variable M : spair X Y.
Hypothesis maxM : maximum_match zX zY 0 (pT X Y) M.
Hypotheses (independentX : independent zX M.1) (independentY : independent zY M.2).

Let eqM : M = max_match covX covY (pT X Y) := exact_maximumE maxM.

Let indX : indep zX (max_match covX covY (pT X Y)).1.
Proof. by rewrite -eqM; apply/independentP. Qed.

Let indY : indep zY (max_match covX covY (pT X Y)).2.
Proof. by rewrite -eqM; apply/independentP. Qed.

Theorem T9_equal_sizes P : exact_match P -> #|P.1| = #|P.2|.
Proof. by move=> /exact_matchP; apply: exact_match_card indX indY _. Qed.

Theorem T9_closed_under_intersection P Q :
  exact_match P -> exact_match Q -> exact_match (pI P Q).
Proof.
move=> /exact_matchP mP /exact_matchP mQ; apply/exact_matchP.
exact: (exact_match_cap_closed indX indY mP mQ).
Qed.

Theorem T9_unique_minimal_match v : pin v M -> exists! P, minimal_match zX zY 0 v P.
Proof.
rewrite eqM => /(exact_vminimal_unique indX indY)[P [/exact_minimalP minP uniqP]].
by exists P; split=> // Q /exact_minimalP/uniqP.
Qed.

(* T10: C gives the coefficients of Y* over X*, D those of X* over Y*     *)
Definition coefficients (C : X -> Y -> R) (D : Y -> X -> R) :=
  (forall y, y \in M.2 -> zY y = combination zX M.1 (fun x => C x y)) /\
  (forall x, x \in M.1 -> zX x = combination zY M.2 (fun y => D y x)).

Theorem T10_coefficients_exist : exists C D, coefficients C D.
Proof.
have [mM _ _] := maxM; move/exact_matchP: mM => /andP[/forall_inP mX /forall_inP mY].
have [D DP] := coefficients_exist mX; have [C CP] := coefficients_exist mY.
by exists C, D; split.
Qed.

Theorem T9_number_of_simple_matches (F : {set spair X Y}) :
  (forall P, P \in F -> simple_match zX zY 0 P) -> (#|F| <= #|M.1|)%N /\ (#|F| <= #|M.2|)%N.
Proof.
move=> simF; suff le1 : (#|F| <= #|M.1|)%N.
  by split=> //; rewrite -T9_equal_sizes //; case: maxM.
have [C [D [CP DP]]] := T10_coefficients_exist; rewrite eqM in CP DP *.
apply: leq_trans (exact_card_simple indX indY CP DP); apply/subset_leq_card/subsetP=> P.
by rewrite inE => /simF/exact_simpleP.
Qed.

Section Digraph.

Variables (C : X -> Y -> R) (D : Y -> X -> R).
Hypothesis CD : coefficients C D.

(* edges y -> x where C x y is not 0, x -> y where D y x is not 0; closed *)
(* sets; the set reachable from v (connect: reflexive and transitive      *)
(* closure); strongly connected components                                *)
Remark edge_definition v u :
  edge M C D v u = match v, u with
                   | inr y, inl x => [&& y \in M.2, x \in M.1 & C x y != 0]
                   | inl x, inr y => [&& x \in M.1, y \in M.2 & D y x != 0]
                   | _, _ => false
                   end.
Proof. by []. Qed.
Remark closed_definition P :
  closed_under_edges M C D P =
  [forall v, forall u, [&& pin v P & edge M C D v u] ==> pin u P].
Proof. by []. Qed.
Remark reachable_definition v :
  reachable M C D v =
  ([set x | connect (edge M C D) v (inl x)], [set y | connect (edge M C D) v (inr y)]).
Proof. by []. Qed.
Remark mutual_definition u v :
  mutual (edge M C D) u v = connect (edge M C D) u v && connect (edge M C D) v u.
Proof. by []. Qed.
Remark component_definition v :
  component_pair M C D v =
  ([set x | mutual (edge M C D) v (inl x)], [set y | mutual (edge M C D) v (inr y)]).
Proof. by []. Qed.

Let defY y : y \in (max_match covX covY (pT X Y)).2 ->
  zY y = \sum_(x in (max_match covX covY (pT X Y)).1) C x y *: zX x.
Proof. by rewrite -eqM; case: CD => CP _ /CP. Qed.

Let defX x : x \in (max_match covX covY (pT X Y)).1 ->
  zX x = \sum_(y in (max_match covX covY (pT X Y)).2) D y x *: zY y.
Proof. by rewrite -eqM; case: CD => _ DP /DP. Qed.

(* D is the inverse of C                                                  *)
Theorem T10_coefficients_are_inverse x x' :
  x \in M.1 -> x' \in M.1 -> \sum_(y in M.2) C x' y * D y x = (x' == x)%:R.
Proof.
move=> xM x'M; under eq_bigr do rewrite mulrC.
by move: xM x'M; rewrite eqM; apply: coefficients_inverse indX _ _ defY defX _ _.
Qed.

Theorem T10_matches_are_closed_sets P :
  exact_match P <-> psub P M /\ closed_under_edges M C D P.
Proof.
rewrite {1 2}eqM; split=> [/exact_matchP|[PM clP]].
  by rewrite (exact_match_closed indX indY defY defX) => /andP.
by apply/exact_matchP; rewrite (exact_match_closed indX indY defY defX) PM.
Qed.

Theorem T10_minimal_matches_are_reachable_sets v P :
  minimal_match zX zY 0 v P <-> pin v M /\ P = reachable M C D v.
Proof.
rewrite exact_minimalP (exact_vminimal_reachable indX indY defY defX) -eqM.
by split=> [/andP[vM /eqP]|[-> ->]] //; rewrite eqxx.
Qed.

Theorem T10_simple_matches_are_reachable_sets P :
  simple_match zX zY 0 P <-> exists2 v, pin v M & P = reachable M C D v.
Proof.
by rewrite exact_simpleP (exact_simple_reachable indX indY defY defX) -eqM.
Qed.

Theorem T10_one_simple_match_per_component u v :
  reachable M C D u = reachable M C D v <-> mutual (edge M C D) u v.
Proof.
have := exact_reachable_eq zX zY C D u v; rewrite -eqM => <-.
by split=> [/eqP|/eqP].
Qed.

Theorem T10_component_sizes v :
  pin v M -> #|(component_pair M C D v).1| = #|(component_pair M C D v).2|.
Proof. by rewrite eqM; apply: exact_component_sizes indX indY _ _ defY defX _. Qed.

End Digraph.

End Exact.

(* ---------------------------------------------------------------------- *)
(* The downdate of A4. B are predicting neurons with an invertible Gram   *)
(* matrix, h is the row of its inverse that belongs to b, t are least-    *)
(* squares coefficients of u over B. When b is removed the squared        *)
(* distance of u grows by t b ^ 2 / h b, and the new coefficients are     *)
(* t j - t b * h j / h b.                                                 *)
(* ---------------------------------------------------------------------- *)
Section Downdate.

Variables (R : realFieldType) (d : nat) (J : finType) (z : J -> 'rV[R]_d).
Implicit Types (u : 'rV[R]_d) (B : {set J}) (t h : J -> R).

Remark squared_distance_definition u B q :
  squared_distance z u B q <->
  (exists c, sqnorm (u - combination z B c) = q) /\
  (forall c, q <= sqnorm (u - combination z B c)).
Proof. by []. Qed.
Remark normal_equations_definition u B t :
  normal_equations z u B t <->
  forall k, k \in B -> dot (u - combination z B t) (z k) = 0.
Proof. by []. Qed.
Remark inverse_gram_row_definition B b h :
  inverse_gram_row z B b h <->
  forall k, k \in B -> \sum_(j in B) h j * dot (z j) (z k) = (k == b)%:R.
Proof. by []. Qed.

Theorem A4_downdate u B b t h q :
    b \in B -> normal_equations z u B t -> inverse_gram_row z B b h ->
    squared_distance z u B q ->
  [/\ 0 < h b,
      squared_distance z u (B :\ b) (q + t b ^+ 2 / h b)
    & normal_equations z u (B :\ b) (fun j => t j - t b * h j / h b)].
Proof.
move=> bB normal hP [[c cq] qmin]; have [h_gt0 [_ dist_min] normal' dist'] := downdate bB normal hP.
split=> //; have -> // : q = sqnorm (u - combination z B t).
by apply/eqP; rewrite eq_le qmin -cq dist_min.
Qed.

(* the other rows hi of the inverse Gram matrix: H_ij - H_ib H_bj / H_bb  *)
Theorem A4_downdate_inverse_gram B b i h hi :
    b \in B -> inverse_gram_row z B b h -> inverse_gram_row z B i hi ->
  inverse_gram_row z (B :\ b) i (fun j => hi j - hi b * h j / h b).
Proof. exact: downdate_inverse_gram. Qed.

(* u outside the basis depends on it with a non-zero coefficient at b:    *)
(* when b goes and u takes its place, no combination is lost or won       *)
Theorem A4_pivot B b (u : J) t w :
    b \in B -> u \notin B -> z u = combination z B t -> t b != 0 ->
  (exists c, w = combination z B c) <-> (exists c, w = combination z (u |: B :\ b) c).
Proof. exact: pivot_span. Qed.

End Downdate.

(* ---------------------------------------------------------------------- *)
(* Invariances (part of T12)                                              *)
(* ---------------------------------------------------------------------- *)
Section Invariances.

Variables (R : realFieldType) (d d' : nat) (X Y : finType).
Variables (zX : X -> 'rV[R]_d) (zY : Y -> 'rV[R]_d).
Implicit Types (P : spair X Y).

Let scaled_back (I : finType) (z : I -> 'rV[R]_d) (a : I -> R) (B : {set I}) c e :
  (forall i, a i != 0) -> combination (fun i => a i *: z i) B (fun i => e * c i / a i)
                        = e *: combination z B c.
Proof.
move=> nz; rewrite /combination scaler_sumr; apply: eq_bigr => i _.
by rewrite !scalerA divfK.
Qed.

Let approximated_scaled (I J : finType) (zI : I -> 'rV[R]_d) (zJ : J -> 'rV[R]_d)
    (a : I -> R) (b : J -> R) eps i (B : {set J}) :
    (forall i, a i != 0) -> (forall j, b j != 0) ->
  approximated (fun i => a i *: zI i) (fun j => b j *: zJ j) eps i B <-> approximated zI zJ eps i B.
Proof.
move=> nza nzb; have a2_gt0 : 0 < a i ^+ 2 by rewrite exprn_even_gt0 //= nza.
have cancel_scale u v : (sqnorm (a i *: u) <= eps ^+ 2 * sqnorm (a i *: v))
                      = (sqnorm u <= eps ^+ 2 * sqnorm v :> R).
  by rewrite !sqnormZ mulrCA ler_pmul2l.
split=> -[c le]; last first.
  by exists (fun j => a i * c j / b j); rewrite scaled_back // -scalerBr cancel_scale.
have eq_c : a i *: combination zJ B (fun j => c j * b j / a i)
          = combination (fun j => b j *: zJ j) B c.
  rewrite /combination scaler_sumr; apply: eq_bigr => j _.
  by rewrite !scalerA mulrC divfK.
by exists (fun j => c j * b j / a i); rewrite -cancel_scale scalerBr eq_c.
Qed.

Theorem T12_scaling_neurons (a : X -> R) (b : Y -> R) eps P :
    (forall x, a x != 0) -> (forall y, b y != 0) ->
  eps_approximate_match (fun x => a x *: zX x) (fun y => b y *: zY y) eps P <->
  eps_approximate_match zX zY eps P.
Proof.
move=> nza nzb; split=> -[mX mY]; split=> [x /mX|y /mY]; by rewrite approximated_scaled.
Qed.

Let combination_map (J : finType) (z : J -> 'rV[R]_d) (f : 'M[R]_(d, d')) B c :
  combination (fun j => z j *m f) B c = combination z B c *m f.
Proof. by rewrite /combination mulmx_suml; apply: eq_bigr => j _; rewrite scalemxAl. Qed.

(* a linear isometry up to a common factor: rotations, permutations of    *)
(* the inputs, appended zero inputs, repeated inputs                      *)
Theorem T12_isometries (f : 'M[R]_(d, d')) (s : R) eps P :
    0 < s -> (forall u : 'rV[R]_d, sqnorm (u *m f) = s * sqnorm u) ->
  eps_approximate_match (fun x => zX x *m f) (fun y => zY y *m f) eps P <->
  eps_approximate_match zX zY eps P.
Proof.
move=> s_gt0 iso.
have approxE (I J : finType) (zI : I -> 'rV[R]_d) (zJ : J -> 'rV[R]_d) i (B : {set J}) :
    approximated (fun i => zI i *m f) (fun j => zJ j *m f) eps i B <-> approximated zI zJ eps i B.
  by split=> -[c le]; exists c; move: le;
     rewrite combination_map -mulmxBl !iso mulrCA ler_pmul2l.
by split=> -[mX mY]; split=> [x /mX|y /mY]; rewrite approxE.
Qed.

(* for eps = 0 any common injective linear map                            *)
Theorem T12_exact_injective_maps (f : 'M[R]_(d, d')) P :
    (forall u : 'rV[R]_d, u *m f = 0 -> u = 0) ->
  eps_approximate_match (fun x => zX x *m f) (fun y => zY y *m f) 0 P <->
  eps_approximate_match zX zY 0 P.
Proof.
move=> injf.
have sq0 n (u : 'rV[R]_n) : sqnorm u <= 0 <-> u = 0.
  split=> [le0|->]; last by rewrite sqnorm_dot dot0l.
  have : sqnorm u == 0 by rewrite eq_le le0 sqnorm_ge0.
  rewrite psumr_eq0 => [/allP u0|j _]; last exact: sqr_ge0.
  apply/rowP=> j; rewrite mxE; apply/eqP.
  by have := u0 j (mem_index_enum j); rewrite sqrf_eq0.
have approxE (I J : finType) (zI : I -> 'rV[R]_d) (zJ : J -> 'rV[R]_d) i (B : {set J}) :
    approximated (fun i => zI i *m f) (fun j => zJ j *m f) 0 i B <-> approximated zI zJ 0 i B.
  split=> -[c le]; exists c; move: le; rewrite combination_map -mulmxBl expr0n !mul0r !sq0.
    exact: injf.
  by move->; rewrite mul0mx.
by split=> -[mX mY]; split=> [x /mX|y /mY]; rewrite approxE.
Qed.

End Invariances.

(* ---------------------------------------------------------------------- *)
(* Radii: all levels in one peel (T6), and their stability (T18)          *)
(* ---------------------------------------------------------------------- *)
Section Radii.

Variables (R : rcfType) (d : nat) (X Y : finType).
Variables (zX : X -> 'rV[R]_d) (zY : Y -> 'rV[R]_d).
Implicit Types (P S : spair X Y) (v u : X + Y) (s : seq (X + Y)).

Theorem D1_relative_residual_exists (I J : finType) (zI : I -> 'rV[R]_d) (zJ : J -> 'rV[R]_d) :
  exists2 r, relative_residual zI zJ r & forall i B, r i B <= 1.
Proof.
pose q i (B : {set J}) := dist2 (@stdot_ip R d) (span_of zJ B) (zI i) / norm2 (@stdot R d) (zI i).
pose r i B := if zI i == 0 then 0 else Num.sqrt (q i B).
have rP : relative_residual zI zJ r.
  move=> i B; split=> [|eps ge0]; first by rewrite /r; case: ifP => _ //; apply: sqrtr_ge0.
  have <- : near (@stdot_ip R d) eps zI zJ i B = (r i B <= eps).
    rewrite /near /r; have [z0|nz] := eqVneq (zI i) 0.
      rewrite ge0 (_ : dist2 _ _ _ = 0) ?mulr_ge0 ?sqr_ge0 ?(dot_ge0 (@stdot_ip R d)) //.
      by apply/eqP; rewrite dist2_eq0 z0 mem0v.
    have n_gt0 : 0 < norm2 (@stdot R d) (zI i).
      rewrite lt_neqAle (dot_ge0 (@stdot_ip R d)) andbT eq_sym.
      by apply: contraNneq nz => /(dot_eq0 (@stdot_ip R d))->.
    by rewrite -{2}(ger0_norm ge0) -sqrtr_sqr le_sqrt ?sqr_ge0 // ler_pdivr_mulr.
  by split=> /approximatedP.
exists r => // i B; have [_ <-] := rP i B; rewrite ?ler01 //.
exact/approximatedP/near1.
Qed.

(* residual_in v P: the residual of v against the other side of P.        *)
(* pair_peel_order S s: the list s removes the neurons of S one at a      *)
(* time, each time one with a largest residual, until none is left.       *)
(* pair_radius 1 S s v: the running minimum of the residuals at removal,  *)
(* started at 1, when v is removed.                                       *)
Section Words.
Variables (rX : X -> {set Y} -> R) (rY : Y -> {set X} -> R).

Remark residual_definition v P :
  residual_in rX rY v P = match v with inl x => rX x P.2 | inr y => rY y P.1 end.
Proof. by []. Qed.
Remark peel_order_nil P : pair_peel_order rX rY P [::] = (P == p0 X Y).
Proof. by []. Qed.
Remark peel_order_cons P u s :
  pair_peel_order rX rY P (u :: s) =
  [&& pin u P,
      [forall w, pin w P ==> (residual_in rX rY w P <= residual_in rX rY u P)]
    & pair_peel_order rX rY (premove u P) s].
Proof. by []. Qed.
Remark radius_nil t P v : pair_radius rX rY t P [::] v = t.
Proof. by []. Qed.
Remark radius_cons t P u s v :
  pair_radius rX rY t P (u :: s) v =
  let t' := Num.min t (residual_in rX rY u P) in
  if v == u then t' else pair_radius rX rY t' (premove u P) s v.
Proof. by []. Qed.
End Words.

(* rX, rY: the residuals. Membership in the maximum match M within S is   *)
(* read off one peel, for every level at once; so the radius of the peel  *)
(* is D7's radius whatever the ties.                                      *)
Theorem T6_radii_by_peeling rX rY S s v eps M :
    relative_residual zX zY rX -> relative_residual zY zX rY ->
    pair_peel_order rX rY S s -> pin v S -> 0 <= eps < 1 ->
    maximum_match zX zY eps S M ->
  (pin v M <-> pair_radius rX rY 1 S s v <= eps).
Proof.
move=> rXP rYP order vS /andP[ge0 lt1] /maximumP->.
have rXa x (A B : {set Y}) : A \subset B -> rX x B <= rX x A by apply: T1_residual_monotone.
have rYa y (A B : {set X}) : A \subset B -> rY y B <= rY y A by apply: T1_residual_monotone.
rewrite (T6_cover_radii_by_peeling rXa rYa 1 eps order vS) leNgt lt1 /=.
rewrite -!in_enc !enc_max_match.
rewrite (@eq_maxst _ _ (cov (fun x B => rX x B <= eps) (fun y A => rY y A <= eps))) //.
move=> [z|z] N /=; apply/approximatedP/idP.
- by have [_ ->] := rXP z (dec N).2.
- by have [_ ->] := rXP z (dec N).2.
- by have [_ ->] := rYP z (dec N).1.
- by have [_ ->] := rYP z (dec N).1.
Qed.

Theorem T6_peel_exists (rX : X -> {set Y} -> R) (rY : Y -> {set X} -> R) S :
  exists2 s, pair_peel_order rX rY S s & size s = (#|S.1| + #|S.2|)%N.
Proof. exact: T6_cover_peel_exists. Qed.

(* qX, qY: computed residuals; at every stage of the peel that they       *)
(* produce they are within delta of the true ones                         *)
Remark residuals_within_nil (rX qX : X -> {set Y} -> R) (rY qY : Y -> {set X} -> R) delta P :
  pair_residuals_within rX qX rY qY delta P [::] = true.
Proof. by []. Qed.
Remark residuals_within_cons (rX qX : X -> {set Y} -> R) (rY qY : Y -> {set X} -> R) delta P u s :
  pair_residuals_within rX qX rY qY delta P (u :: s) =
  [forall w, pin w P ==> (`|residual_in qX qY w P - residual_in rX rY w P| <= delta)]
    && pair_residuals_within rX qX rY qY delta (premove u P) s.
Proof. by []. Qed.

Theorem T18_stable_radii rX rY qX qY delta S s s' v :
    relative_residual zX zY rX -> relative_residual zY zX rY -> 0 <= delta ->
    pair_peel_order rX rY S s -> pair_peel_order qX qY S s' ->
    pair_residuals_within rX qX rY qY delta S s' -> pin v S ->
  `|pair_radius qX qY 1 S s' v - pair_radius rX rY 1 S s v| <= delta.
Proof.
move=> rXP rYP; apply: T18_cover_stable_radii.
  by move=> x A B; apply: T1_residual_monotone.
by move=> y A B; apply: T1_residual_monotone.
Qed.

End Radii.

(* ---------------------------------------------------------------------- *)
(* Robustness (T14): unit vectors z, moved to w by at most delta each     *)
(* ---------------------------------------------------------------------- *)
Section Robustness.

Variables (R : rcfType) (d : nat) (X Y : finType).
Variables (zX wX : X -> 'rV[R]_d) (zY wY : Y -> 'rV[R]_d).

Remark norm_definition (u : 'rV[R]_d) : norm u = Num.sqrt (sqnorm u).
Proof. by []. Qed.

Theorem T14_robust_matches eps kappa delta (P : spair X Y) :
    delta < 1 ->
    (forall x, norm (zX x) = 1) -> (forall y, norm (zY y) = 1) ->
    (forall x, norm (wX x - zX x) <= delta) -> (forall y, norm (wY y - zY y) <= delta) ->
    (forall x, x \in P.1 -> exists c : Y -> R,
       norm (zX x - combination zY P.2 c) <= eps /\ \sum_(y in P.2) `|c y| <= kappa) ->
    (forall y, y \in P.2 -> exists c : X -> R,
       norm (zY y - combination zX P.1 c) <= eps /\ \sum_(x in P.1) `|c x| <= kappa) ->
  eps_approximate_match wX wY ((eps + delta * (1 + kappa)) / (1 - delta)) P.
Proof.
have square (I J : finType) (wI : I -> 'rV[R]_d) (wJ : J -> 'rV[R]_d) e i (B : {set J}) (c : J -> R) :
    norm (wI i - combination wJ B c) <= e * norm (wI i) -> approximated wI wJ e i B.
  move=> le_e; exists c; rewrite -!norm_sqr -exprMn.
  by rewrite ler_expn2r // nnegrE ?norm_ge0 // (le_trans (norm_ge0 _) le_e).
move=> lt1 unitX unitY movedX movedY mX mY; split=> [x /mX|y /mY] [c [le_eps le_kappa]].
  by apply: (square _ _ _ _ _ _ _ c); apply: moved_approximation le_eps le_kappa.
by apply: (square _ _ _ _ _ _ _ c); apply: moved_approximation le_eps le_kappa.
Qed.

End Robustness.
