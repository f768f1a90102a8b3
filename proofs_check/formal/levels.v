(* ====================================================================== *)
(* All levels in one peel (T6), and its stability (T18).                  *)
(*                                                                        *)
(* Instead of a yes/no cover there is a residual r z M in a totally       *)
(* ordered set D of levels; r z M gets no larger when M grows.  At level  *)
(* e the neuron z is covered by M when r z M <= e.                        *)
(*                                                                        *)
(*   within r e        == the cover relation at level e                   *)
(*   peel_order r S s  == the sequence s removes the neurons of S one at  *)
(*                        a time, each time one with the largest          *)
(*                        residual against what is left (ties: any)       *)
(*   peel_radius r t S s v == the running minimum of the residuals at     *)
(*                        removal, started at the cap t (1 in D7), read   *)
(*                        when v is removed                               *)
(*   residuals_within r q d S s == q and r differ by at most d on every   *)
(*                        residual that the peel s looks at               *)
(* ====================================================================== *)
From mathcomp Require Import all_ssreflect all_algebra.
From spanmatch Require Import cover peeling minimal pairs.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import Order.TTheory.
Local Open Scope order_scope.

Section Definitions.

Variables (disp : unit) (D : orderType disp) (T : finType).
Variable (r : T -> {set T} -> D).

Definition within (e : D) (z : T) (M : {set T}) := r z M <= e.

Fixpoint peel_order (S : {set T}) (s : seq T) : bool :=
  if s is z :: s' then
    [&& z \in S, [forall u in S, r u S <= r z S] & peel_order (S :\ z) s']
  else S == set0.

Fixpoint peel_radius (t : D) (S : {set T}) (s : seq T) (v : T) : D :=
  if s is z :: s' then
    let t' := Order.min t (r z S) in
    if v == z then t' else peel_radius t' (S :\ z) s' v
  else t.

End Definitions.

Section Levels.

Variables (disp : unit) (D : orderType disp) (T : finType).
Variable (r : T -> {set T} -> D).
Hypothesis r_anti : forall z (M N : {set T}), M \subset N -> r z N <= r z M.
Implicit Types (S : {set T}) (s : seq T) (e t : D).

Lemma within_monotone e : cov_monotone (within r e).
Proof. by move=> z M N /(r_anti z); apply: le_trans. Qed.

Lemma peel_radius_le (q : T -> {set T} -> D) t S s v :
  peel_radius q t S s v <= t.
Proof.
elim: s t S => //= z s IHs t S; case: ifP => _; first by rewrite le_minl lexx.
by apply: le_trans (IHs _ _) _; rewrite le_minl lexx.
Qed.

Lemma peel_order_exists S : exists s, peel_order r S s.
Proof.
have [n] := ubnP #|S|; elim: n S => // n IHn S; rewrite ltnS => leSn.
have [->|/set0Pn[z0 z0S]] := eqVneq S set0; first by exists [::]; rewrite /= eqxx.
have [z zS zmax] := arg_maxP (fun u => r u S) z0S.
have [|s orders] := IHn (S :\ z).
  by apply: leq_trans leSn; rewrite [leqRHS](cardsD1 z) (zS : z \in S).
exists (z :: s); rewrite /= (zS : z \in S) orders andbT /=.
by apply/forall_inP=> u uS; apply: zmax.
Qed.

Lemma peel_order_uniq S s : peel_order r S s -> uniq s /\ s =i S.
Proof.
elim: s S => /= [|z s IHs] S; first by move/eqP->; split=> // v; rewrite inE.
case/and3P=> zS _ /IHs[us sS]; split; first by rewrite sS us !inE eqxx.
by move=> v; rewrite inE sS !inE; case: eqVneq => // ->.
Qed.

(* One peel, in any order that always removes a largest residual, gives   *)
(* membership in the maximum match at every level below the cap.          *)
Theorem peel_radiusP S s t e v :
    peel_order r S s -> v \in S ->
  (peel_radius r t S s v <= e) = (t <= e) || (v \in maxst (within r e) S).
Proof.
elim: s t S => [|z s IHs] t S /=; first by move/eqP->; rewrite inE.
case/and3P=> zS /forall_inP zmax order vS; have [le_e|gt_e] := leP (r z S) e.
  have ->: maxst (within r e) S = S.
    apply: (maxst_id (@within_monotone e)); apply/stableP=> u uS.
    exact: le_trans (zmax u uS) le_e.
  rewrite vS orbT; case: ifP => _; first by rewrite le_minl le_e orbT.
  by apply: le_trans (peel_radius_le _ _ _ _ _) _; rewrite le_minl le_e orbT.
have min_e : (Order.min t (r z S) <= e) = (t <= e).
  by rewrite le_minl (leNgt (r z S)) gt_e orbF.
have maxE : maxst (within r e) (S :\ z) = maxst (within r e) S.
  apply: (maxst_remove (@within_monotone e) (maxst_sub _ S)).
  by rewrite sub1set inE /within -ltNge.
case: eqVneq => [->|nvz].
  rewrite min_e -maxE; case: (t <= e) => //=; apply/esym/negbTE.
  by apply/negP=> /(subsetP (maxst_sub _ _)); rewrite !inE eqxx.
by rewrite IHs // ?min_e ?maxE // !inE nvz.
Qed.

(* hence the radii do not depend on how ties were broken                  *)
Corollary peel_radius_unique S s s' t v :
    peel_order r S s -> peel_order r S s' -> v \in S ->
  peel_radius r t S s v = peel_radius r t S s' v.
Proof.
move=> order order' vS; apply/eqP; rewrite eq_le.
by rewrite (peel_radiusP _ _ order) // -(peel_radiusP _ _ order') // lexx
           (peel_radiusP _ _ order') // -(peel_radiusP _ _ order) // lexx.
Qed.

End Levels.

Section Stability.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Variables (R : realDomainType) (T : finType) (r q : T -> {set T} -> R) (d : R).
Hypothesis r_anti : forall z (M N : {set T}), M \subset N -> r z N <= r z M.

Fixpoint residuals_within (S : {set T}) (s : seq T) : bool :=
  if s is z :: s' then
    [forall u in S, `|q u S - r u S| <= d] && residuals_within (S :\ z) s'
  else true.

Let withinM e : cov_monotone (within r e) := @within_monotone _ _ _ _ r_anti e.

Lemma perturbed_radius_lower t (S : {set T}) s e v :
    peel_order q S s -> residuals_within S s -> v \in S ->
    peel_radius q t S s v <= e ->
  (t <= e) || (v \in maxst (within r (e + d)) S).
Proof.
elim: s t S => [|z s IHs] t S /=; first by move/eqP->; rewrite inE.
case/and3P=> zS /forall_inP zmax order /andP[/forall_inP close close'] vS.
have [le_e _|gt_e] := lerP (q z S) e.
  suff sS : stable (within r (e + d)) S by rewrite (maxst_id (@withinM _) sS) vS orbT.
  apply/stableP=> u uS; have := close u uS; rewrite distrC ler_norml => /andP[_].
  by rewrite ler_subl_addr addrC /within => /le_trans; apply; rewrite ler_add2r (le_trans (zmax u uS)).
have min_e : (Num.min t (q z S) <= e) = (t <= e).
  by rewrite le_minl (leNgt (q z S)) gt_e orbF.
case: eqVneq => [_|nvz]; first by rewrite min_e => ->.
move/IHs=> /(_ order close'); rewrite !inE nvz vS min_e => /(_ isT)/orP[->//|vM].
by rewrite (subsetP (maxstS (@withinM _) (subD1set S z)) v vM) orbT.
Qed.

Lemma perturbed_radius_upper t (S : {set T}) s e v :
    peel_order q S s -> residuals_within S s ->
    v \in maxst (within r e) S ->
  peel_radius q t S s v <= e + d.
Proof.
elim: s t S => [|z s IHs] t S /=.
  by move/eqP-> => _ /(subsetP (maxst_sub _ _)); rewrite inE.
case/and3P=> zS _ order /andP[/forall_inP close close'] vM.
have [zM|zM] := boolP (z \in maxst (within r e) S).
  have le_ed : q z S <= e + d.
    have := close z zS; rewrite ler_norml => /andP[_].
    rewrite ler_subl_addr => /le_trans; apply; rewrite addrC ler_add2r.
    exact: le_trans (r_anti z (maxst_sub _ S)) (stableP _ _ (maxst_stable (@withinM e) S) z zM).
  case: ifP => _; first by rewrite le_minl le_ed orbT.
  by apply: le_trans (peel_radius_le _ _ _ _ _) _; rewrite le_minl le_ed orbT.
have nvz : v != z by apply: contraNneq zM => <-.
have maxE : maxst (within r e) (S :\ z) = maxst (within r e) S.
  by apply: (maxst_squeeze (@withinM e)) (subD1set S z); rewrite subsetD1 maxst_sub.
by rewrite (negPf nvz) IHs // maxE.
Qed.

Theorem perturbed_radius t (S : {set T}) s s' v :
    peel_order r S s -> peel_order q S s' -> residuals_within S s' ->
    v \in S -> 0 <= d ->
  `|peel_radius q t S s' v - peel_radius r t S s v| <= d.
Proof.
move=> order order' close vS ge0; rewrite ler_norml; apply/andP; split.
  rewrite ler_subr_addl; rewrite -[_ + - d]/(_ - d) ler_subl_addr.
  have := perturbed_radius_lower order' close vS (lexx (peel_radius q t S s' v)).
  rewrite (peel_radiusP r_anti t _ order vS) => /orP[le_t|->]; last exact: orbT.
  by rewrite (le_trans le_t) // ler_addl.
rewrite ler_subl_addr addrC.
have := lexx (peel_radius r t S s v); rewrite (peel_radiusP r_anti t _ order vS).
case/orP=> [le_t|vM]; last exact: (perturbed_radius_upper t order').
by apply: le_trans (peel_radius_le _ _ _ _ _) _; rewrite (le_trans le_t) // ler_addl.
Qed.

End Stability.

(* ---------------------------------------------------------------------- *)
(* The same for pairs.                                                    *)
(* ---------------------------------------------------------------------- *)
Section PairDefinitions.

Variables (disp : unit) (D : orderType disp) (X Y : finType).
Variables (rX : X -> {set Y} -> D) (rY : Y -> {set X} -> D).
Implicit Types (P : spair X Y) (v u : X + Y) (s : seq (X + Y)).

Definition residual_in v P : D :=
  match v with inl x => rX x P.2 | inr y => rY y P.1 end.

Fixpoint pair_peel_order P s : bool :=
  if s is u :: s' then
    [&& pin u P,
        [forall w, pin w P ==> (residual_in w P <= residual_in u P)]
      & pair_peel_order (premove u P) s']
  else P == p0 X Y.

Fixpoint pair_radius (t : D) P s v : D :=
  if s is u :: s' then
    let t' := Order.min t (residual_in u P) in
    if v == u then t' else pair_radius t' (premove u P) s' v
  else t.

Definition match_within (e : D) :=
  is_match (fun x B => rX x B <= e) (fun y A => rY y A <= e).
Definition max_match_within (e : D) :=
  max_match (fun x B => rX x B <= e) (fun y A => rY y A <= e).

Definition residual_enc v (M : {set X + Y}) := residual_in v (dec M).

Lemma pair_peel_orderE P s :
  pair_peel_order P s = peel_order residual_enc (enc P) s.
Proof.
elim: s P => /= [|u s IHs] P; first by rewrite -enc0 (inj_eq (@enc_inj _ _)).
rewrite IHs in_enc enc_remove; congr [&& _, _ & _].
by apply: eq_forallb => w; rewrite in_enc /residual_enc encK.
Qed.

Lemma pair_radiusE t P s v :
  pair_radius t P s v = peel_radius residual_enc t (enc P) s v.
Proof.
by elim: s t P => //= u s IHs t P; rewrite IHs enc_remove /residual_enc encK.
Qed.

Hypothesis rX_anti : forall x (A B : {set Y}), A \subset B -> rX x B <= rX x A.
Hypothesis rY_anti : forall y (A B : {set X}), A \subset B -> rY y B <= rY y A.

Lemma residual_enc_anti v (M N : {set X + Y}) :
  M \subset N -> residual_enc v N <= residual_enc v M.
Proof.
by case: v => z /subsetP MN; [apply: rX_anti | apply: rY_anti];
   apply/subsetP=> w; rewrite !inE; apply: MN.
Qed.

Lemma enc_max_match_within e P :
  enc (max_match_within e P) = maxst (within residual_enc e) (enc P).
Proof.
by rewrite enc_max_match; apply: eq_maxst => -[z|z] M.
Qed.

Theorem T6_cover_radii_by_peeling t S s e v :
    pair_peel_order S s -> pin v S ->
  (pair_radius t S s v <= e) = (t <= e) || pin v (max_match_within e S).
Proof.
rewrite pair_peel_orderE pair_radiusE -!in_enc enc_max_match_within.
exact: (peel_radiusP residual_enc_anti).
Qed.

Theorem T6_cover_any_tie_breaking t S s s' v :
    pair_peel_order S s -> pair_peel_order S s' -> pin v S ->
  pair_radius t S s v = pair_radius t S s' v.
Proof.
rewrite !pair_peel_orderE !pair_radiusE -!in_enc.
exact: (peel_radius_unique residual_enc_anti).
Qed.

Theorem T6_cover_peel_exists S :
  exists2 s, pair_peel_order S s & size s = (#|S.1| + #|S.2|)%N.
Proof.
have [s order] := peel_order_exists residual_enc (enc S).
exists s; first by rewrite pair_peel_orderE.
have [us sS] := peel_order_uniq order.
by rewrite -card_enc -(eq_card sS); apply/esym/card_uniqP.
Qed.

End PairDefinitions.

Section PairStability.

Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Variables (R : realDomainType) (X Y : finType).
Variables (rX qX : X -> {set Y} -> R) (rY qY : Y -> {set X} -> R) (d : R).
Hypothesis rX_anti : forall x (A B : {set Y}), A \subset B -> rX x B <= rX x A.
Hypothesis rY_anti : forall y (A B : {set X}), A \subset B -> rY y B <= rY y A.
Implicit Types (P S : spair X Y) (v u : X + Y) (s : seq (X + Y)).

Fixpoint pair_residuals_within P s : bool :=
  if s is u :: s' then
    [forall w, pin w P ==> (`|residual_in qX qY w P - residual_in rX rY w P| <= d)]
      && pair_residuals_within (premove u P) s'
  else true.

Theorem T18_cover_stable_radii t S s s' v :
    0 <= d -> pair_peel_order rX rY S s ->
    pair_peel_order qX qY S s' -> pair_residuals_within S s' -> pin v S ->
  `|pair_radius qX qY t S s' v - pair_radius rX rY t S s v| <= d.
Proof.
move=> ge0; rewrite !pair_peel_orderE !pair_radiusE -in_enc => order order' close vS.
apply: (perturbed_radius (residual_enc_anti rX_anti rY_anti)) => //.
move: close; clear order order' vS; elim: s' S => //= u s' IHs S /andP[close close'].
rewrite -enc_remove IHs // andbT; apply/forall_inP=> w; rewrite in_enc => wS.
by have /forall_inP/(_ w wS) := close; rewrite /residual_enc encK.
Qed.

End PairStability.
