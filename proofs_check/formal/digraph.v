(* ====================================================================== *)
(* Exact matches of independent families as a directed graph (T10).       *)
(*                                                                        *)
(* First for an abstract graph: when the matches are the sets closed      *)
(* under the edges, the minimal ones are the reachable sets and the       *)
(* simple ones correspond to the strongly connected components.  Then     *)
(* the graph of the coefficients of one side in terms of the other.       *)
(*                                                                        *)
(*   reach e v      == the set of vertices that v reaches, v included     *)
(*   mutual e v u   == v reaches u and u reaches v                        *)
(*   component e v  == the strongly connected component of v              *)
(* ====================================================================== *)
From mathcomp Require Import all_ssreflect all_algebra.
From spanmatch Require Import cover peeling minimal pairs span.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Lemma leq_card_imset_factor (T U V : finType) (f : T -> U) (g : T -> V) (A : {set T}) :
    {in A &, forall a b, f a = f b -> g a = g b} -> #|g @: A| <= #|f @: A|.
Proof.
move=> fg; have [->|/set0Pn[a0 a0A]] := eqVneq A set0; first by rewrite !imset0 !cards0.
pose h c := if [pick a in A | f a == c] is Some a then g a else g a0.
apply: leq_trans (leq_imset_card h _); apply/subset_leq_card/subsetP=> _ /imsetP[a aA ->].
apply/imsetP; exists (f a); first exact: imset_f.
rewrite /h; case: pickP => [b /andP[bA /eqP fba]|/(_ a)].
  by rewrite (fg b a).
by rewrite aA eqxx.
Qed.

Section Graph.

Variables (T : finType) (e : rel T).
Implicit Types (u v : T) (M : {set T}).

Definition reach v := [set u | connect e v u].
Definition mutual v u := connect e v u && connect e u v.
Definition component v := [set u | mutual v u].
Definition edge_closed M := [forall v in M, forall u, e v u ==> (u \in M)].

Lemma edge_closedP M :
  reflect (forall v u, v \in M -> e v u -> u \in M) (edge_closed M).
Proof.
apply: (iffP forall_inP) => [clM v u vM|clM v vM].
  by move/forallP: (clM v vM) => /(_ u)/implyP.
by apply/forallP=> u; apply/implyP; apply: clM.
Qed.

Lemma closed_connect M v u : edge_closed M -> v \in M -> connect e v u -> u \in M.
Proof.
move/edge_closedP=> clM vM /connectP[p]; elim: p v vM => [v vM _ ->|w p IHp v vM] //=.
by case/andP=> /(clM _ _ vM) /IHp.
Qed.

Lemma reach_closed v : edge_closed (reach v).
Proof.
by apply/edge_closedP=> a b; rewrite !inE => va /connect1; apply: connect_trans.
Qed.

Lemma reach_eq u v : (reach u == reach v) = mutual u v.
Proof.
apply/eqP/andP=> [/setP eq_uv|[uv vu]].
  have := eq_uv v; have := eq_uv u; rewrite !inE !connect0.
  by move=> <- ->.
apply/setP=> w; rewrite !inE; apply/idP/idP; exact: connect_trans.
Qed.

Lemma mutual_refl v : mutual v v. Proof. by rewrite /mutual connect0. Qed.

Lemma mutual_sym u v : mutual u v = mutual v u. Proof. exact: andbC. Qed.

Lemma component_eq u v : (component u == component v) = mutual u v.
Proof.
apply/eqP/idP=> [/setP/(_ v)|uv]; first by rewrite !inE mutual_refl.
move: (uv); rewrite -reach_eq => /eqP reach_uv.
by apply/setP=> w; rewrite !inE -!reach_eq reach_uv.
Qed.

Variables (cov : T -> {set T} -> bool) (U : {set T}).
Hypothesis stableE : forall M, stable cov M = (M \subset U) && edge_closed M.
Hypothesis stableU : stable cov U.

Lemma reach_stable v : v \in U -> stable cov (reach v).
Proof.
move=> vU; rewrite stableE reach_closed andbT; apply/subsetP=> u; rewrite inE.
by apply: closed_connect vU; move: stableU; rewrite stableE => /andP[].
Qed.

Theorem vminimal_reach v M : vminimal cov v M = (v \in U) && (M == reach v).
Proof.
apply/(vminimalP _ _ _)/andP=> [[sM vM minM]|[vU /eqP->]].
  have := sM; rewrite stableE => /andP[/subsetP/(_ v vM) vU clM]; split=> //.
  rewrite eq_sym; apply/eqP/minM; first exact: reach_stable.
    by rewrite inE connect0.
  by apply/subsetP=> u; rewrite inE; apply: closed_connect.
split=> [||N sN vN NR]; [exact: reach_stable | by rewrite inE connect0 |].
apply/eqP; rewrite eqEsubset NR; apply/subsetP=> u; rewrite inE.
by apply: closed_connect vN; move: sN; rewrite stableE => /andP[].
Qed.

Theorem simple_reach M : simple cov M = (M \in reach @: U).
Proof.
apply/simple_vminimal/imsetP=> [[v]|[v vU ->]].
  by rewrite vminimal_reach => /andP[vU /eqP->]; exists v.
by exists v; rewrite vminimal_reach vU eqxx.
Qed.

Theorem card_simple_components : #|[set M | simple cov M]| = #|component @: U|.
Proof.
have -> : [set M | simple cov M] = reach @: U.
  by apply/setP=> M; rewrite inE simple_reach.
apply/eqP; rewrite eqn_leq; apply/andP; split; apply: leq_card_imset_factor => u v _ _.
  by move/eqP; rewrite component_eq -reach_eq => /eqP.
by move/eqP; rewrite reach_eq -component_eq => /eqP.
Qed.

(* a component is a match minus a smaller match                           *)
Lemma component_difference v :
    v \in U ->
  exists2 L, stable cov L & L \subset reach v /\ component v = reach v :\: L.
Proof.
move=> vU; exists [set u in reach v | ~~ connect e u v]; last first.
  split; first by apply/subsetP=> u; rewrite inE => /andP[].
  by apply/setP=> u; rewrite !inE /mutual; case: (connect e v u); rewrite ?andbF ?negbK //= andbT.
rewrite stableE; apply/andP; split.
  apply: subset_trans (_ : reach v \subset U); first by apply/subsetP=> u; rewrite inE => /andP[].
  by have := reach_stable vU; rewrite stableE => /andP[].
apply/edge_closedP=> a b; rewrite !inE => /andP[va nav] /connect1 ab.
by rewrite (connect_trans va ab); apply: contra nav; apply: connect_trans.
Qed.

End Graph.

(* ---------------------------------------------------------------------- *)
(* The graph of the coefficients: C expresses the neurons of M.2 over     *)
(* those of M.1, D the other way round.                                   *)
(* ---------------------------------------------------------------------- *)
Section CoefficientGraph.

Variables (F : fieldType) (X Y : finType) (M : spair X Y).
Variables (C : X -> Y -> F) (D : Y -> X -> F).
Implicit Types (P : spair X Y) (u v : X + Y).

Definition edge v u :=
  match v, u with
  | inr y, inl x => [&& y \in M.2, x \in M.1 & C x y != 0%R]
  | inl x, inr y => [&& x \in M.1, y \in M.2 & D y x != 0%R]
  | _, _ => false
  end.

Definition closed_under_edges P :=
  [forall v, forall u, [&& pin v P & edge v u] ==> pin u P].

Definition reachable v : spair X Y :=
  ([set x | connect edge v (inl x)], [set y | connect edge v (inr y)]).

Definition component_pair v : spair X Y :=
  ([set x | mutual edge v (inl x)], [set y | mutual edge v (inr y)]).

End CoefficientGraph.

Section Exact.

Import GRing.Theory.
Local Open Scope ring_scope.

Variables (F : fieldType) (V : vectType F) (X Y : finType).
Variables (zX : X -> V) (zY : Y -> V).
Implicit Types (P Q : spair X Y) (u v : X + Y).

Local Notation covX := (in_span zX zY).
Local Notation covY := (in_span zY zX).
Local Notation M := (max_match covX covY (pT X Y)).

Hypotheses (indX : indep zX M.1) (indY : indep zY M.2).

(* C: coefficients of Y* over X*, D: coefficients of X* over Y*           *)
Variables (C : X -> Y -> F) (D : Y -> X -> F).
Hypothesis defY : forall y, y \in M.2 -> zY y = \sum_(x in M.1) C x y *: zX x.
Hypothesis defX : forall x, x \in M.1 -> zX x = \sum_(y in M.2) D y x *: zY y.

Local Notation edge := (edge M C D).
Local Notation closed_under_edges := (closed_under_edges M C D).
Local Notation reachable := (reachable M C D).
Local Notation component_pair := (component_pair M C D).

Lemma coefficients_inverse x x' :
  x \in M.1 -> x' \in M.1 -> \sum_(y in M.2) D y x * C x' y = (x' == x)%:R.
Proof.
move=> xM x'M; pose k x'' := \sum_(y in M.2) D y x * C x'' y - (x'' == x)%:R.
suff sum0 : \sum_(x'' in M.1) k x'' *: zX x'' = 0.
  by apply/eqP; rewrite -subr_eq0; apply/eqP; apply: (indepP _ _ indX k sum0).
rewrite /k; under eq_bigr do rewrite scalerBl scaler_suml.
rewrite sumrB exchange_big /= (bigD1 x (P := fun i => i \in M.1)) //= eqxx scale1r.
rewrite [X in _ - (_ + X)]big1 => [|x'' /andP[_ /negPf->]]; last by rewrite scale0r.
rewrite addr0 {1}(defX xM) -sumrB big1 // => y yM.
rewrite (defY yM) scaler_sumr -sumrB big1 // => x'' _.
by rewrite scalerA subrr.
Qed.

Let covM' : cov_monotone (cov covX covY) := covM (@in_spanM _ _ _ _ zX zY) (@in_spanM _ _ _ _ zY zX).

Lemma stable_max : stable (cov covX covY) (enc M).
Proof. by rewrite enc_max_match; apply: maxst_stable. Qed.

Lemma closed_under_edgesE P : closed_under_edges P = edge_closed edge (enc P).
Proof.
apply/forallP/edge_closedP=> [clP v u|clP v].
  rewrite !in_enc => vP vu; have /forallP/(_ u) := clP v.
  by rewrite vP vu.
by apply/forallP=> u; apply/implyP=> /andP[]; rewrite -!in_enc; apply: clP.
Qed.

Theorem exact_match_closed P : is_match covX covY P = psub P M && closed_under_edges P.
Proof.
apply/idP/andP=> [mP|[PM clP]].
  have PM := exact_match_sub mP; split=> //; have /andP[PX PY] := PM.
  apply/forallP=> v; apply/forallP=> u; apply/implyP=> /andP[].
  case/andP: mP => /forall_inP mX /forall_inP mY.
  case: v u => [x|y] [x'|y'] //= vP /and3P[vM uM nz].
    have := mX x vP; rewrite /in_span (mem_span_of_support indY PY (defX vM)).
    by move/forall_inP/(_ y' uM); rewrite nz.
  have := mY y vP; rewrite /in_span (mem_span_of_support indX PX (defY vM)).
  by move/forall_inP/(_ x' uM); rewrite nz.
have /andP[PX PY] := PM; apply/andP; split; apply/forall_inP=> z zP.
  have zM := subsetP PX z zP; rewrite /in_span (mem_span_of_support indY PY (defX zM)).
  apply/forall_inP=> y yM; apply/implyP=> nz.
  by have /forallP/(_ (inl z))/forallP/(_ (inr y)) := clP; rewrite /= zP zM yM nz.
have zM := subsetP PY z zP; rewrite /in_span (mem_span_of_support indX PX (defY zM)).
apply/forall_inP=> x xM; apply/implyP=> nz.
by have /forallP/(_ (inr z))/forallP/(_ (inl x)) := clP; rewrite /= zP zM xM nz.
Qed.

Lemma exact_stableE N :
  stable (cov covX covY) N = (N \subset enc M) && edge_closed edge N.
Proof. by rewrite -[N]decK -is_matchE exact_match_closed closed_under_edgesE enc_sub. Qed.

Lemma enc_reachable v : enc (reachable v) = reach edge v.
Proof. by apply/setP=> -[z|z]; rewrite !inE /= inE. Qed.

Lemma enc_component v : enc (component_pair v) = component edge v.
Proof. by apply/setP=> -[z|z]; rewrite !inE /= inE. Qed.

Theorem exact_vminimal_reachable v P :
  is_vminimal covX covY v P = pin v M && (P == reachable v).
Proof.
rewrite is_vminimalE (vminimal_reach exact_stableE stable_max) in_enc -enc_reachable.
by rewrite (inj_eq (@enc_inj _ _)).
Qed.

Theorem exact_simple_reachable P :
  is_simple covX covY P <-> exists2 v, pin v M & P = reachable v.
Proof.
rewrite is_simpleE (simple_reach exact_stableE stable_max).
split=> [/imsetP[v]|[v vM ->]].
  by rewrite in_enc -enc_reachable => vM /enc_inj->; exists v.
by rewrite enc_reachable; apply: imset_f; rewrite in_enc.
Qed.

Theorem exact_reachable_eq u v : (reachable u == reachable v) = mutual edge u v.
Proof. by rewrite -(inj_eq (@enc_inj _ _)) !enc_reachable reach_eq. Qed.

Theorem exact_card_simple_components :
  #|[set P | is_simple covX covY P]| = #|[set component_pair v | v in [set v | pin v M]]|.
Proof.
rewrite -(card_imset _ (@enc_inj X Y)) -[RHS](card_imset _ (@enc_inj X Y)).
rewrite -[RHS](_ : #|component edge @: enc M| = _); last first.
  congr #|pred_of_set _|; rewrite -imset_comp; apply: eq_imset => v /=.
  by rewrite enc_component.
rewrite -(card_simple_components exact_stableE stable_max).
congr #|pred_of_set _|; apply/setP=> N; rewrite !inE; apply/imsetP/idP=> [[P]|simN].
  by rewrite inE is_simpleE => sP ->.
by exists (dec N); rewrite ?decK // inE is_simpleE decK.
Qed.

Theorem exact_component_sizes v :
  pin v M -> #|(component_pair v).1| = #|(component_pair v).2|.
Proof.
rewrite -in_enc => vM.
have [L sL [LR]] := component_difference exact_stableE stable_max vM.
rewrite -enc_component -enc_reachable -[L]decK => /(congr1 (@dec X Y)).
rewrite encK => ->; rewrite -[L]decK -enc_reachable enc_sub in LR; have /andP[LX LY] := LR.
have -> : dec (enc (reachable v) :\: enc (dec L))
    = ((reachable v).1 :\: (dec L).1, (reachable v).2 :\: (dec L).2).
  by congr (_, _); apply/setP=> z; rewrite !inE /= !inE.
rewrite /= !cardsD (setIidPr LX) (setIidPr LY); congr (_ - _)%N.
  apply: (@exact_match_card _ _ _ _ _ _ indX indY (reachable v)).
  by rewrite is_matchE enc_reachable; apply: (reach_stable exact_stableE stable_max).
apply: (@exact_match_card _ _ _ _ _ _ indX indY (dec L)).
by rewrite is_matchE decK.
Qed.

Theorem exact_card_simple : (#|[set P | is_simple covX covY P]| <= #|M.1|)%N.
Proof.
rewrite exact_card_simple_components.
apply: leq_trans (leq_imset_card (fun x => component_pair (inl x)) _).
apply/subset_leq_card/subsetP=> _ /imsetP[v vM ->]; rewrite inE in vM.
have : (0 < #|(component_pair v).1|)%N.
  move: (exact_component_sizes vM); clear vM.
  case: v => [x|y] sizes; last rewrite sizes.
    by apply/card_gt0P; exists x; rewrite inE mutual_refl.
  by apply/card_gt0P; exists y; rewrite inE mutual_refl.
case/card_gt0P=> x; rewrite inE => vx; apply/imsetP; exists x.
  have := closed_connect _ _ (andP vx).1; rewrite -in_enc in vM.
  move: stable_max; rewrite exact_stableE => /andP[_ clM] /(_ _ clM vM).
  by rewrite in_enc.
by apply: (@enc_inj X Y); rewrite !enc_component; apply/eqP; rewrite component_eq.
Qed.

End Exact.

(* the coefficients exist, because the maximum match is a match           *)
Lemma coefficients_exist (F : fieldType) (V : vectType F) (I J : finType)
    (zI : I -> V) (zJ : J -> V) (A : {set I}) (B : {set J}) :
    {in A, forall i, in_span zI zJ i B} ->
  exists C : J -> I -> F, forall i, i \in A -> zI i = (\sum_(j in B) C j i *: zJ j)%R.
Proof.
move=> AB; have /fin_all_exists[C CP] i :
    exists c : J -> F, i \in A -> zI i = (\sum_(j in B) c j *: zJ j)%R.
  by have [/AB/span_ofP[c ->]|_] := boolP (i \in A); [exists c | exists (fun=> 0%R)].
by exists (fun j i => C i j) => i /CP.
Qed.
