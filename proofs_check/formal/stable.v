(* ====================================================================== *)
(* Unique minimal matches at any epsilon: decided (T20), and from strong  *)
(* independence and stability (T19). The words are those of main.v.       *)
(*                                                                        *)
(*   needed cov v == v and the neurons without which v is in no match     *)
(*   strongly_independent z M s == any u spanned by a part of M is at a   *)
(*        squared distance of s |u|^2 or more from the span of the rest,  *)
(*        s = sin^2 theta                                                 *)
(*   stable_inside eps s zI zJ A B == no squared residual of A against a  *)
(*        part of B lies in (eps^2, (1 + 4/s) eps^2]                      *)
(* ====================================================================== *)
From mathcomp Require Import all_ssreflect all_algebra.
From spanmatch Require Import cover peeling minimal pairs span residual euclid main.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory Order.TTheory.
Local Open Scope ring_scope.

Section Decided.

Variables (T : finType) (cov : T -> {set T} -> bool).
Hypothesis covM : cov_monotone cov.

Definition needed v := [set u | (u == v) || (v \notin maxst cov (setT :\ u))].

Lemma needed_sub v N : stable cov N -> v \in N -> needed v \subset N.
Proof.
move=> sN vN; apply/subsetP=> u; rewrite inE => /orP[/eqP->//|].
apply: contraR => nuN; have : N \subset setT :\ u by rewrite subsetD1 subsetT nuN.
by move/(maxst_max sN)/subsetP; apply.
Qed.

Lemma needed_in v : v \in needed v.
Proof. by rewrite inE eqxx. Qed.

Theorem T20_cover_one_minimal_match v :
  v \in maxst cov setT -> (exists! N, vminimal cov v N) <-> stable cov (needed v).
Proof.
move=> vmax; split=> [[N [minN uniqN]]|sN]; last first.
  exists (needed v); split=> [|P /vminimalP[sP vP minP]].
    apply/vminimalP; split=> [//||P sP vP PN]; first exact: needed_in.
    by apply/eqP; rewrite eqEsubset PN needed_sub.
  by apply: (minP _ sN (needed_in v) (needed_sub sP vP)).
case/vminimalP: (minN) => sN vN _.
suff -> : needed v = N by [].
apply/eqP; rewrite eqEsubset needed_sub //=; apply/subsetP=> u uN.
rewrite inE; have [//|nuv] := eqVneq u v; apply/negP=> vin.
have [P minP /subsetP PS] := vminimal_exists (maxst_stable covM (setT :\ u)) vin.
move: (uniqN P minP) => NP; rewrite NP in uN; move: (PS u uN) => uS.
by move: (subsetP (maxst_sub cov (setT :\ u)) u uS); rewrite !inE eqxx.
Qed.

End Decided.

Section Closed.

Variables (X Y : finType) (covX : X -> {set Y} -> bool) (covY : Y -> {set X} -> bool).
Hypothesis covXM : forall x (A B : {set Y}), A \subset B -> covX x A -> covX x B.
Hypothesis covYM : forall y (A B : {set X}), A \subset B -> covY y A -> covY y B.

Let M := max_match covX covY (pT X Y).

Theorem T19_cover_closed_under_intersection :
    (forall x (B C : {set Y}), x \in M.1 -> B \subset M.2 -> C \subset M.2 ->
       covX x B -> covX x C -> covX x (B :&: C)) ->
    (forall y (A C : {set X}), y \in M.2 -> A \subset M.1 -> C \subset M.1 ->
       covY y A -> covY y C -> covY y (A :&: C)) ->
  match_cap_closed covX covY.
Proof.
move=> capX capY P Q mP mQ; have [_ _ maxM] := max_match_spec covXM covYM (pT X Y).
have top S : psub S (pT X Y) by rewrite /psub !subsetT.
have /andP[P1 P2] := maxM P mP (top P); have /andP[Q1 Q2] := maxM Q mQ (top Q).
move: mP mQ => /andP[/forall_inP PX /forall_inP PY] /andP[/forall_inP QX /forall_inP QY].
apply/andP; split; apply/forall_inP=> z; rewrite inE => /andP[zP zQ].
  by apply: capX => //; [exact: (subsetP P1) | exact: PX | exact: QX].
by apply: capY => //; [exact: (subsetP P2) | exact: PY | exact: QY].
Qed.

End Closed.

Section Step.

Variables (R : realFieldType) (d : nat) (I J : finType).
Variables (zI : I -> 'rV[R]_d) (zJ : J -> 'rV[R]_d).

Definition strongly_independent (M : {set J}) (s : R) :=
  forall (B C : {set J}) b c, B \subset M -> C \subset M -> [disjoint B & C] ->
    s * sqnorm (combination zJ B b) <= sqnorm (combination zJ B b - combination zJ C c).

Definition stable_inside (eps s : R) (A : {set I}) (B : {set J}) :=
  forall i (C : {set J}), i \in A -> C \subset B ->
    (exists c, sqnorm (zI i - combination zJ C c) <= (1 + 4%:R / s) * (eps ^+ 2 * sqnorm (zI i))) ->
  approximated zI zJ eps i C.

Lemma best_coefficients i (B : {set J}) eps :
    approximated zI zJ eps i B ->
  exists c, normal_equations zJ (zI i) B c /\
    sqnorm (zI i - combination zJ B c) <= eps ^+ 2 * sqnorm (zI i).
Proof.
move=> /approximatedP near_i; set ip := @stdot_ip R d.
have /span_ofP[c cE] := proj_mem ip (span_of zJ B) (zI i); exists c; split=> [k kB|].
  rewrite /combination -cE; apply: (proj_orth ip); apply/span_ofP.
  exists (fun j => (j == k)%:R); rewrite (bigD1 k) //= eqxx scale1r big1 ?addr0 // => j /andP[_ /negPf->].
  by rewrite scale0r.
have normE u : sqnorm u = norm2 (@stdot R d) u by apply: eq_bigr => j _; rewrite expr2.
by rewrite !normE /combination -cE.
Qed.

Lemma parallelogram (x y : 'rV[R]_d) :
  sqnorm (x + y) + sqnorm (x + (-1) *: y) = (sqnorm x + sqnorm y) *+ 2.
Proof.
rewrite !sqnormD sqnormZ sqrrN expr1n mul1r [dot _ (_ *: _)]dotC dotZl mulN1r.
rewrite [dot y _]dotC mulNrn addrACA [X in X + _]addrACA subrr addr0.
by rewrite mulr2n [RHS]addrACA.
Qed.

Lemma sqnorm_difference (u v w : 'rV[R]_d) (e : R) :
  sqnorm (w - u) <= e -> sqnorm (w - v) <= e -> sqnorm (u - v) <= 4%:R * e.
Proof.
move=> wu wv; have -> : u - v = (w - v) + (-1) *: (w - u).
  by rewrite scaleN1r opprB [RHS]addrC addrA subrK.
apply: (@le_trans _ _ ((sqnorm (w - v) + sqnorm (w - u)) *+ 2)).
  by rewrite -parallelogram ler_addr sqnorm_ge0.
have -> : 4%:R * e = (e + e) *+ 2 by rewrite -mulr2n -mulrnA mulr_natl.
by rewrite ler_muln2r /=; apply: ler_add.
Qed.

Lemma geometric_step (M A C : {set J}) (u : 'rV[R]_d) a c (e s : R) :
    0 < s -> strongly_independent M s -> A \subset M -> C \subset M ->
    normal_equations zJ u A a -> sqnorm (u - combination zJ A a) <= e ->
    sqnorm (u - combination zJ C c) <= e ->
  sqnorm (u - combination zJ (A :&: C) a) <= (1 + 4%:R / s) * e.
Proof.
move=> s0 ind AM CM normal uA uC; pose w := combination zJ (A :\: C) a.
have split : combination zJ A a = combination zJ (A :&: C) a + w.
  by rewrite /w /combination (big_setID C).
have missed : u - combination zJ (A :&: C) a = (u - combination zJ A a) + w.
  by rewrite split opprD addrA subrK.
have orth : dot (u - combination zJ A a) w = 0.
  rewrite dotC dot_suml big1 // => j; rewrite inE => /andP[_ jA].
  by rewrite dotZl dotC normal ?mulr0.
pose k j := c j - (if j \in A then a j else 0).
have other : w - combination zJ C k = combination zJ A a - combination zJ C c.
  have kE : combination zJ C k = combination zJ C c - combination zJ (A :&: C) a.
    rewrite /combination; under eq_bigr do rewrite scalerBl.
    rewrite sumrB; congr (_ - _); rewrite (big_setID A) /= [X in _ + X]big1 => [|j]; last first.
      by rewrite inE => /andP[/negPf-> _]; rewrite scale0r.
    by rewrite addr0 setIC; apply: eq_bigr => j; rewrite inE => /andP[-> _].
  by rewrite kE split opprB addrA [w + _]addrC.
have small : sqnorm w <= 4%:R * e / s.
  rewrite ler_pdivl_mulr // mulrC; apply: (@le_trans _ _ (sqnorm (w - combination zJ C k))).
    apply: ind => //; first exact: subset_trans (subsetDl _ _) AM.
    by rewrite -setI_eq0 setIDAC setDIl setDv setI0.
  by rewrite other; apply: (sqnorm_difference uA uC).
rewrite missed sqnormD orth mul0rn addr0 mulrDl mul1r mulrAC.
by apply: ler_add.
Qed.

(* the sets that cover a neuron inside M are closed under intersection    *)
Theorem T19_covers_closed_under_intersection eps s (A : {set I}) (M B C : {set J}) i :
    0 < s -> strongly_independent M s -> stable_inside eps s A M ->
    i \in A -> B \subset M -> C \subset M ->
  approximated zI zJ eps i B -> approximated zI zJ eps i C -> approximated zI zJ eps i (B :&: C).
Proof.
move=> s0 ind stab iA BM CM /best_coefficients[b [normal nearB]] [c nearC].
apply: stab => //; first exact: subset_trans (subsetIl _ _) BM.
by exists b; apply: (geometric_step s0 ind BM CM normal nearB nearC).
Qed.

End Step.

Section Vectors.

Variables (R : realFieldType) (d : nat) (X Y : finType).
Variables (zX : X -> 'rV[R]_d) (zY : Y -> 'rV[R]_d).
Variables (eps s : R) (M : spair X Y).

Hypothesis maxM : maximum_match zX zY eps (pT X Y) M.
Hypothesis s_gt0 : 0 < s.
Hypotheses (independentX : strongly_independent zX M.1 s) (independentY : strongly_independent zY M.2 s).
Hypotheses (stableX : stable_inside zX zY eps s M.1 M.2) (stableY : stable_inside zY zX eps s M.2 M.1).

Theorem T19_closed_under_intersection P Q :
    eps_approximate_match zX zY eps P -> eps_approximate_match zX zY eps Q ->
  eps_approximate_match zX zY eps (pI P Q).
Proof.
move=> mP mQ; have [_ _ top] := maxM.
have all S : psub S (pT X Y) by rewrite /psub !subsetT.
have /andP[P1 P2] := top P mP (all P); have /andP[Q1 Q2] := top Q mQ (all Q).
case: mP mQ => [PX PY] [QX QY]; split=> z; rewrite inE => /andP[zP zQ].
  apply: (T19_covers_closed_under_intersection s_gt0 independentY stableX) => //.
  - exact: (subsetP P1).
  - exact: PX.
  - exact: QX.
apply: (T19_covers_closed_under_intersection s_gt0 independentX stableY) => //.
- exact: (subsetP P2).
- exact: PY.
- exact: QY.
Qed.

(* the v-minimum match                                                    *)
Theorem T19_unique_minimal_match v P Q :
  minimal_match zX zY eps v P -> minimal_match zX zY eps v Q -> P = Q.
Proof.
move=> [mP vP minP] [mQ vQ minQ].
have mPQ := T19_closed_under_intersection mP mQ.
have vPQ : pin v (pI P Q) by case: (v) vP vQ => z /= zP zQ; rewrite inE zP zQ.
rewrite -(minP _ mPQ vPQ) ?/psub ?subsetIl // (minQ _ mPQ vPQ) // /psub !subsetIr //.
Qed.

End Vectors.
