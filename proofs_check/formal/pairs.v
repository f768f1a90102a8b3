(* ====================================================================== *)
(* Matches between TWO networks: the theory of cover.v, peeling.v and     *)
(* minimal.v stated for pairs                                             *)
(* P = (A, B) with A : {set X}, B : {set Y}.                              *)
(*                                                                        *)
(*   is_match P      == every x in A is covered by B, every y in B by A   *)
(*   psub, plt, pU   == componentwise inclusion, its strict part, union   *)
(*   pin v P         == the neuron v : X + Y of either network is in P    *)
(*   max_match S     == union of all matches inside S                     *)
(*   sweep P         == one round of the max-match algorithm: filter A by *)
(*                      B, then B by the already filtered A               *)
(*   is_simple P     == non-empty match, not a union of any family of     *)
(*                      strictly smaller matches                          *)
(*   is_vminimal v P == match with v, none strictly smaller contains v    *)
(*   min_match v s S == the deletion algorithm started from max_match S   *)
(*                                                                        *)
(* Proofs go through the bijection enc between pairs and {set X + Y}.     *)
(* ====================================================================== *)
From mathcomp Require Import all_ssreflect.
From spanmatch Require Import cover peeling minimal.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Section PairDefs.

Variables (X Y : finType).
Variables (covX : X -> {set Y} -> bool) (covY : Y -> {set X} -> bool).

Definition spair := ({set X} * {set Y})%type.
Implicit Types (P Q S : spair) (v u : X + Y).

Definition is_match P :=
  [forall x in P.1, covX x P.2] && [forall y in P.2, covY y P.1].

Definition psub P Q := (P.1 \subset Q.1) && (P.2 \subset Q.2).
Definition plt P Q := psub P Q && (P != Q).
Definition pU P Q : spair := (P.1 :|: Q.1, P.2 :|: Q.2).
Definition pI P Q : spair := (P.1 :&: Q.1, P.2 :&: Q.2).
Definition p0 : spair := (set0, set0).
Definition pT : spair := (setT, setT).
Definition punion (F : {set spair}) : spair :=
  (\bigcup_(P in F) P.1, \bigcup_(P in F) P.2).

Definition pin v P := match v with inl x => x \in P.1 | inr y => y \in P.2 end.

Definition premove v P : spair :=
  match v with inl x => (P.1 :\ x, P.2) | inr y => (P.1, P.2 :\ y) end.

Definition max_match S := punion [set P | is_match P && psub P S].

Definition sweep P : spair :=
  let A := [set x in P.1 | covX x P.2] in (A, [set y in P.2 | covY y A]).

Definition sweep_both P : spair :=
  ([set x in P.1 | covX x P.2], [set y in P.2 | covY y P.1]).

(* remove a non-empty bunch of violators, any violators                   *)
Inductive ppeel1 P : spair -> Prop :=
  PPeel1 (A : {set X}) (B : {set Y})
    of (A != set0) || (B != set0)
     & {in A, forall x, (x \in P.1) && ~~ covX x P.2}
     & {in B, forall y, (y \in P.2) && ~~ covY y P.1}
  : ppeel1 P (P.1 :\: A, P.2 :\: B).

Inductive ppeels : nat -> spair -> spair -> Prop :=
| PPeelsDone P : ppeels 0 P P
| PPeelsStep n P P1 Q of ppeel1 P P1 & ppeels n P1 Q : ppeels n.+1 P Q.

Definition is_simple P :=
  [&& is_match P, P != p0
    & [forall F : {set spair},
        (F \subset [set Q | is_match Q && plt Q P]) ==> (punion F != P)]].

Definition is_vminimal v P :=
  [&& is_match P, pin v P
    & [forall Q, [&& is_match Q, pin v Q & psub Q P] ==> (Q == P)]].

Definition min_match1 v P u :=
  let Q := max_match (premove u P) in
  if [&& pin u P, u != v & pin v Q] then Q else P.

Definition min_match v (s : seq (X + Y)) S :=
  foldl (min_match1 v) (max_match S) s.

Definition match_cap_closed :=
  forall P Q, is_match P -> is_match Q -> is_match (pI P Q).

End PairDefs.

Section Encoding.

Variables (X Y : finType).
Implicit Types (P Q : spair X Y) (v u : X + Y) (M N : {set X + Y}).

Definition enc P : {set X + Y} := [set v | pin v P].
Definition dec M : spair X Y := ([set x | inl x \in M], [set y | inr y \in M]).

Lemma in_enc v P : (v \in enc P) = pin v P. Proof. by rewrite inE. Qed.

Lemma encK : cancel enc dec.
Proof. by case=> A B; congr (_, _); apply/setP=> z; rewrite !inE. Qed.

Lemma decK : cancel dec enc.
Proof. by move=> M; apply/setP=> -[z|z]; rewrite !inE /= inE. Qed.

Lemma enc_inj : injective enc. Proof. exact: can_inj encK. Qed.

Lemma enc_sub P Q : (enc P \subset enc Q) = psub P Q.
Proof.
apply/subsetP/andP=> [sub|[/subsetP sub1 /subsetP sub2] [z|z]]; last 2 first.
- by rewrite !inE; apply: sub1.
- by rewrite !inE; apply: sub2.
by split; apply/subsetP=> z zP; [have:= sub (inl z) | have:= sub (inr z)];
   rewrite !inE; apply.
Qed.

Lemma enc_lt P Q : (enc P \proper enc Q) = plt P Q.
Proof. by rewrite properEneq andbC enc_sub (inj_eq enc_inj). Qed.

Lemma enc0 : enc (p0 X Y) = set0.
Proof. by apply/setP=> -[z|z]; rewrite !inE /= inE. Qed.

Lemma encU P Q : enc (pU P Q) = enc P :|: enc Q.
Proof. by apply/setP=> -[z|z]; rewrite !inE /= inE. Qed.

Lemma encI P Q : enc (pI P Q) = enc P :&: enc Q.
Proof. by apply/setP=> -[z|z]; rewrite !inE /= inE. Qed.

Lemma enc_remove v P : enc (premove v P) = enc P :\ v.
Proof. by apply/setP; case: v => w [z|z]; rewrite !inE /= ?inE. Qed.

Lemma enc_union (F : {set spair X Y}) : enc (punion F) = \bigcup_(P in F) enc P.
Proof.
apply/setP=> v; rewrite in_enc; apply/idP/bigcupP.
  by case: v => z /= /bigcupP[P PF zP]; exists P; rewrite ?inE.
case=> P PF; rewrite in_enc; case: v => z zP; rewrite /=;
  by apply/bigcupP; exists P.
Qed.

Lemma card_enc P : #|enc P| = #|P.1| + #|P.2|.
Proof.
have ->: enc P = (inl @: P.1) :|: (inr @: P.2).
  apply/setP=> -[z|z]; rewrite !inE /=.
    rewrite mem_imset; last by move=> ? ? [].
    by case: imsetP => [[]//|_]; rewrite orbF.
  rewrite (mem_imset P.2); last by move=> ? ? [].
  by case: imsetP => [[]//|_].
rewrite cardsU !card_imset; try by move=> ? ? [].
rewrite (_ : _ :&: _ = set0) ?cards0 ?subn0 //.
apply/setP=> z; rewrite !inE; apply/andP=> -[/imsetP[x _ ->]].
by case/imsetP.
Qed.

End Encoding.

Section PairTheory.

Variables (X Y : finType).
Variables (covX : X -> {set Y} -> bool) (covY : Y -> {set X} -> bool).
Hypothesis covXM :
  forall x (A B : {set Y}), A \subset B -> covX x A -> covX x B.
Hypothesis covYM :
  forall y (A B : {set X}), A \subset B -> covY y A -> covY y B.
Implicit Types (P Q S : spair X Y) (v u : X + Y) (M N : {set X + Y}).

Local Notation is_match := (is_match covX covY).
Local Notation max_match := (max_match covX covY).
Local Notation is_simple := (is_simple covX covY).
Local Notation is_vminimal := (is_vminimal covX covY).

Definition cov v M :=
  match v with inl x => covX x (dec M).2 | inr y => covY y (dec M).1 end.

Lemma covM : cov_monotone cov.
Proof.
by case=> z M N /subsetP MN; [apply: covXM | apply: covYM];
   apply/subsetP=> w; rewrite !inE; apply: MN.
Qed.

Lemma cov_enc v P :
  cov v (enc P) = match v with inl x => covX x P.2 | inr y => covY y P.1 end.
Proof. by rewrite /cov encK. Qed.

Lemma is_matchE P : is_match P = stable cov (enc P).
Proof.
apply/andP/stableP=> [[/forall_inP mX /forall_inP mY] [z|z]|mP].
- by rewrite in_enc cov_enc; apply: mX.
- by rewrite in_enc cov_enc; apply: mY.
split; apply/forall_inP=> z zP.
  by have:= mP (inl z); rewrite in_enc cov_enc; apply.
by have:= mP (inr z); rewrite in_enc cov_enc; apply.
Qed.

Lemma enc_max_match S : enc (max_match S) = maxst cov (enc S).
Proof.
rewrite /max_match enc_union /maxst.
apply/setP=> v; apply/bigcupP/bigcupP=> [[P]|[M /andP[sM MS] vM]].
  rewrite inE is_matchE -enc_sub => PS vP; by exists (enc P).
by exists (dec M); rewrite ?decK // inE is_matchE -enc_sub decK sM.
Qed.

(* union-closure                                                          *)
Theorem T2_cover_union_of_matches P Q : is_match P -> is_match Q -> is_match (pU P Q).
Proof. by rewrite !is_matchE encU; apply/stableU/covM. Qed.

Theorem match_punion (F : {set spair X Y}) :
  {in F, forall P, is_match P} -> is_match (punion F).
Proof.
move=> mF; rewrite is_matchE enc_union; apply: stable_bigcup covM _ _ _ _ => P.
by rewrite -is_matchE; apply: mF.
Qed.

(* the maximum match inside S                                             *)
Theorem max_match_spec S :
  [/\ is_match (max_match S), psub (max_match S) S
    & forall P, is_match P -> psub P S -> psub P (max_match S)].
Proof.
rewrite is_matchE -enc_sub enc_max_match maxst_sub maxst_stable //; last first.
  exact: covM.
split=> // P; rewrite is_matchE -!enc_sub enc_max_match; exact: maxst_max.
Qed.

Theorem T3_cover_maximum_match_exists S :
  exists! Q, [/\ is_match Q, psub Q S
               & forall P, is_match P -> psub P S -> psub P Q].
Proof.
have [mM MS maxM] := max_match_spec S; exists (max_match S); split=> // Q.
case=> mQ QS maxQ; apply/enc_inj/eqP; rewrite eqEsubset !enc_sub.
by rewrite maxQ // maxM.
Qed.

(* peeling: terminates, cannot get stuck early, order is irrelevant       *)
Lemma ppeel1_enc P Q : ppeel1 covX covY P Q -> peel1 cov (enc P) (enc Q).
Proof.
case=> A B nzAB Av Bv; have ->: enc (P.1 :\: A, P.2 :\: B) = enc P :\: enc (A, B).
  by apply/setP=> -[z|z]; rewrite !inE /= inE.
split; last first.
  by apply/subsetP=> -[z|z]; rewrite !in_enc inE in_enc cov_enc;
     [apply: Av | apply: Bv].
apply: contraTneq nzAB; rewrite -enc0 => /enc_inj[-> ->].
by rewrite !eqxx.
Qed.

Lemma enc_ppeels n P Q : ppeels covX covY n P Q -> peels cov n (enc P) (enc Q).
Proof.
elim=> {n P Q} [P|n P P1 Q /ppeel1_enc p1 _ IH]; first exact: PeelsDone.
exact: PeelsStep p1 IH.
Qed.

Theorem T4_cover_peeling_ends n P Q :
  ppeels covX covY n P Q -> n + (#|Q.1| + #|Q.2|) <= #|P.1| + #|P.2|.
Proof. by rewrite -!card_enc => /enc_ppeels/peels_length. Qed.

Theorem T4_cover_peeling_never_stuck P : ~~ is_match P -> exists Q, ppeel1 covX covY P Q.
Proof.
rewrite negb_and => nm.
pose A := [set x in P.1 | ~~ covX x P.2]; pose B := [set y in P.2 | ~~ covY y P.1].
exists (P.1 :\: A, P.2 :\: B); apply: PPeel1 => [|x|y]; rewrite ?inE //.
case/orP: nm => /forall_inPn[z zP nz]; apply/orP; [left | right];
  by apply/set0Pn; exists z; rewrite inE zP.
Qed.

Theorem T4_cover_any_peeling_order n S P :
  ppeels covX covY n S P -> is_match P -> P = max_match S.
Proof.
rewrite is_matchE => /enc_ppeels run mP; apply: enc_inj; rewrite enc_max_match.
exact: (peels_correct covM run mP).
Qed.

(* Any step that only removes neurons, never one of the maximum match,    *)
(* and that fixes only matches, computes the maximum match when iterated. *)
Theorem iter_pstep_correct (step : spair X Y -> spair X Y) n S :
    (forall P, psub (step P) P) ->
    (forall P, psub (max_match P) (step P)) ->
    (forall P, step P = P -> is_match P) ->
    #|S.1| + #|S.2| <= n ->
  iter n step S = max_match S.
Proof.
move=> stepS stepM stepF; rewrite -card_enc => leSn; apply: enc_inj.
pose f M := enc (step (dec M)).
rewrite (_ : enc (iter n step S) = iter n f (enc S)); last first.
  by elim: {leSn} n => //= n <-; rewrite /f encK.
rewrite enc_max_match; apply: (iter_step_correct covM) leSn => M;
  rewrite -[M]decK /f encK.
- by rewrite enc_sub.
- by apply: (maxst_squeeze covM); rewrite -?enc_max_match enc_sub.
- by move/enc_inj/stepF; rewrite is_matchE.
Qed.

(* the max-match algorithm: alternate between the two sides ...           *)
Theorem A3_cover_batch_peel n S :
  #|S.1| + #|S.2| <= n -> iter n (sweep covX covY) S = max_match S.
Proof.
apply: iter_pstep_correct => -[A B] /=.
- by apply/andP; split; apply/subsetP=> z; rewrite inE => /andP[].
- have [/andP[/forall_inP mX /forall_inP mY] /andP[sA sB] _] :=
    max_match_spec (A, B).
  case: (max_match _) => A0 B0 /= in mX mY sA sB *.
  have subA: A0 \subset [set x in A | covX x B].
    apply/subsetP=> x xA; rewrite inE (subsetP sA) //=.
    exact: covXM sB (mX x xA).
  apply/andP; split=> //; apply/subsetP=> y yB; rewrite inE (subsetP sB) //=.
  exact: covYM subA (mY y yB).
- rewrite /sweep /=; set A' := [set x in A | _] => -[eA eB].
  apply/andP; split; apply/forall_inP=> z /=.
    by rewrite -{1}eA inE => /andP[].
  by rewrite -{1}eB eA inE => /andP[].
Qed.

(* ... or filter both sides against each other simultaneously             *)
Theorem A3_cover_batch_peel_both_sides n S :
  #|S.1| + #|S.2| <= n -> iter n (sweep_both covX covY) S = max_match S.
Proof.
apply: iter_pstep_correct => -[A B] /=.
- by apply/andP; split; apply/subsetP=> z; rewrite inE => /andP[].
- have [/andP[/forall_inP mX /forall_inP mY] /andP[sA sB] _] :=
    max_match_spec (A, B).
  case: (max_match _) => A0 B0 /= in mX mY sA sB *.
  apply/andP; split; apply/subsetP=> z zM; rewrite inE /=.
    by rewrite (subsetP sA) //=; apply: covXM sB (mX z zM).
  by rewrite (subsetP sB) //=; apply: covYM sA (mY z zM).
- rewrite /sweep_both /= => -[eA eB]; apply/andP; split; apply/forall_inP=> z /=.
    by rewrite -{1}eA inE => /andP[].
  by rewrite -{1}eB inE => /andP[].
Qed.

(* simple and v-minimal matches                                           *)
Lemma is_simpleE P : is_simple P = simple cov (enc P).
Proof.
apply/and3P/simple_familyP=> -[].
  rewrite is_matchE => mP nz0 /forallP indec; split=> //.
    by rewrite -enc0 (inj_eq (@enc_inj _ _)).
  move=> G ltG; have /implyP := indec [set dec N | N in G].
  have ->: cover G = enc (punion [set dec N | N in G]).
    rewrite enc_union big_imset /=; last by move=> ? ? _ _ /(can_inj (@decK _ _)).
    by rewrite /cover; apply: eq_bigr => N _; rewrite decK.
  rewrite (inj_eq (@enc_inj _ _)); apply; apply/subsetP=> _ /imsetP[N NG ->].
  by rewrite inE is_matchE -enc_lt decK; apply: ltG.
rewrite is_matchE => mP nz0 indec; split=> //.
  by rewrite -(inj_eq (@enc_inj _ _)) enc0.
apply/forallP=> F; apply/implyP=> /subsetP ltF.
rewrite -(inj_eq (@enc_inj _ _)) enc_union.
have <-: cover [set enc Q | Q in F] = \bigcup_(Q in F) enc Q.
  by rewrite cover_imset.
apply: indec => _ /imsetP[Q QF ->]; rewrite -is_matchE enc_lt.
by have:= ltF Q QF; rewrite inE.
Qed.

Lemma is_vminimalE v P : is_vminimal v P = vminimal cov v (enc P).
Proof.
apply/and3P/vminimalP; rewrite -is_matchE in_enc => -[mP vP minP]; split=> //.
  move=> N; rewrite -[N]decK -is_matchE in_enc enc_sub => mN vN NP.
  by have /forallP/(_ (dec N)) := minP; rewrite mN vN NP => /eqP->.
apply/forallP=> Q; apply/implyP=> /and3P[mQ vQ QP].
by apply/eqP/enc_inj/minP; rewrite -?is_matchE ?in_enc ?enc_sub.
Qed.

Theorem T7_cover_simple_iff_minimal P : is_simple P <-> exists v, is_vminimal v P.
Proof.
rewrite is_simpleE; split=> [/simple_vminimal|] [v minP].
  by exists v; rewrite is_vminimalE.
by apply/simple_vminimal; exists v; rewrite -is_vminimalE.
Qed.

Theorem T7_cover_minimal_match_exists v P :
  is_match P -> pin v P -> exists2 Q, is_vminimal v Q & psub Q P.
Proof.
rewrite is_matchE -in_enc => mP vP; have [N] := vminimal_exists mP vP.
rewrite -[N]decK enc_sub => minN NP; exists (dec N) => //.
by rewrite is_vminimalE.
Qed.

(* two strictly smaller matches suffice to refute simplicity              *)
Theorem is_simple_binary P :
  is_simple P <->
  [/\ is_match P, P != p0 X Y
    & forall Q R, is_match Q -> is_match R -> plt Q P -> plt R P ->
        pU Q R != P].
Proof.
rewrite is_simpleE is_matchE -(inj_eq (@enc_inj _ _)) enc0.
split=> [/(simple_pairP covM)|] [mP nz indec].
  split=> // Q R; rewrite !is_matchE -!enc_lt => mQ mR lQ lR.
  by rewrite -(inj_eq (@enc_inj _ _)) encU indec.
apply/(simple_pairP covM); split=> // M N.
rewrite -[M]decK -[N]decK -!is_matchE !enc_lt => mM mN lM lN.
by rewrite -encU (inj_eq (@enc_inj _ _)) indec.
Qed.

(* decomposition: every match is the union of the simple ones inside it   *)
Theorem T7_cover_union_of_simple P :
  is_match P -> punion [set Q | is_simple Q && psub Q P] = P.
Proof.
rewrite is_matchE => mP; apply: enc_inj; rewrite enc_union.
rewrite -[RHS](simple_decomposition mP); apply/setP=> v.
apply/bigcupP/bigcupP=> [[Q]|[M /andP[sM MP] vM]].
  by rewrite inE is_simpleE -enc_sub => QP vQ; exists (enc Q).
by exists (dec M); rewrite ?decK // inE is_simpleE -enc_sub decK sM.
Qed.

(* the deletion algorithm returns a v-minimal match inside S              *)
Lemma enc_min_match1 v P u :
  enc (min_match1 covX covY v P u) = shrink1 cov v (enc P) u.
Proof.
rewrite /min_match1 /shrink1 -enc_remove -enc_max_match !in_enc andbA.
by case: ifP.
Qed.

Lemma enc_min_match v s S :
  enc (min_match covX covY v s S) = shrink cov v s (maxst cov (enc S)).
Proof.
rewrite /min_match /shrink -enc_max_match; elim: s (max_match S) => //= u s IHs P.
by rewrite IHs enc_min_match1.
Qed.

Theorem A2_cover_deletion_is_minimal v s S :
    pin v (max_match S) -> (forall u, pin u S -> u \in s) ->
  is_vminimal v (min_match covX covY v s S) /\
  psub (min_match covX covY v s S) S.
Proof.
rewrite -in_enc enc_max_match => vS alls.
rewrite is_vminimalE -enc_sub enc_min_match; apply: (shrink_vminimal covM) => //.
by move=> u; rewrite in_enc; apply: alls.
Qed.

(* if matches are closed under intersection                               *)
Section CapClosed.

Hypothesis matchI : match_cap_closed covX covY.

Let covI : cap_closed cov.
Proof.
move=> M N; rewrite -[M]decK -[N]decK -!is_matchE -encI -is_matchE.
exact: matchI.
Qed.

Theorem T9_cover_unique_minimal v :
  pin v (max_match (pT X Y)) -> exists! P, is_vminimal v P.
Proof.
move=> vmax; have [mT _ _] := max_match_spec (pT X Y).
have [P minP _] := T7_cover_minimal_match_exists mT vmax; exists P; split=> // Q minQ.
apply: enc_inj; rewrite !is_vminimalE in minP minQ.
exact: (vminimal_unique covI minP minQ).
Qed.

Theorem is_vminimal_minimum v P Q :
  is_vminimal v P -> is_match Q -> pin v Q -> psub P Q.
Proof.
rewrite is_vminimalE is_matchE -in_enc -enc_sub; exact: vminimal_minimum.
Qed.

Theorem card_is_simple :
  #|[set P | is_simple P]| <=
  #|(max_match (pT X Y)).1| + #|(max_match (pT X Y)).2|.
Proof.
rewrite -card_enc enc_max_match -(card_imset _ (@enc_inj X Y)).
rewrite (_ : enc (pT X Y) = setT); last first.
  by apply/setP=> -[z|z]; rewrite !inE /= ?inE.
apply: leq_trans (card_simple covI); apply/subset_leq_card/subsetP.
by move=> _ /imsetP[P sP ->]; move: sP; rewrite !inE is_simpleE.
Qed.

Corollary card_is_simple_le : #|[set P | is_simple P]| <= #|X| + #|Y|.
Proof.
by apply: leq_trans card_is_simple _; apply: leq_add; apply: max_card.
Qed.

End CapClosed.

End PairTheory.

(* filtration: relaxing the cover predicates enlarges the maximum         *)
Theorem T5_cover_nested (X Y : finType)
    (covX covX' : X -> {set Y} -> bool) (covY covY' : Y -> {set X} -> bool)
    (S S' : spair X Y) :
    (forall x (A B : {set Y}), A \subset B -> covX x A -> covX x B) ->
    (forall y (A B : {set X}), A \subset B -> covY y A -> covY y B) ->
    (forall x B, covX x B -> covX' x B) ->
    (forall y A, covY y A -> covY' y A) ->
    psub S S' ->
  psub (max_match covX covY S) (max_match covX' covY' S').
Proof.
move=> covXM covYM relX relY SS'; rewrite -enc_sub !enc_max_match.
apply: maxst_relax; last by rewrite enc_sub.
  exact: (covM covXM covYM).
by case=> z M; [apply: relX | apply: relY].
Qed.
