(* ====================================================================== *)
(* The checker on pairs of sets (A8): every member near, a peel that      *)
(* loses no match, and a match of which every neuron is needed.           *)
(*                                                                        *)
(*   pair_of m n P   == the pair of sets that masks stand for             *)
(*   index_of v      == the neuron v as the checker names it              *)
(* ====================================================================== *)
From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect all_algebra.
From spanmatch Require Import cover pairs euclid main bounds checker integers queries.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory Order.TTheory.
Delimit Scope Z_scope with Z.
Local Open Scope ring_scope.

Section Pairs.

Variables m n : nat.
Implicit Types (P Q N : masks) (v : 'I_m + 'I_n) (u : neuron) (S : spair (ordinal_finType m) (ordinal_finType n)).

(* the pair of sets that masks stand for, the neuron that v is            *)
Definition pair_of P : spair (ordinal_finType m) (ordinal_finType n) := (members_of m P.1, members_of n P.2).
Definition index_of v : neuron := match v with inl i => (false, i : nat) | inr j => (true, j : nat) end.

Lemma index_of_inj : injective index_of.
Proof. by case=> i [] j // [/ord_inj->]. Qed.

Lemma pin_pair v P : pin v (pair_of P) = has P (index_of v).
Proof. by case: v => i; rewrite /= in_members. Qed.

Lemma psub_pins S S' : psub S S' <-> forall v, pin v S -> pin v S'.
Proof.
rewrite -enc_sub; split=> [/subsetP sub v|sub]; first by rewrite -!in_enc; apply: sub.
by apply/subsetP=> v; rewrite !in_enc; apply: sub.
Qed.

Lemma has_mark b u u' P : has (mark b u P) u' = if u' == u then b else has P u'.
Proof.
by case: u u' => [[] i] [[] j] //=; rewrite /has /mark /= ?nth_set_nth /= xpair_eqE.
Qed.

Lemma included1_sound (A B : seq bool) i : included1 A B -> nth false A i -> nth false B i.
Proof.
elim: A B i => [|a A IHA] B [|i] //= /andP[/orP aB AB]; first by case: aB => [/negPf->|]; case: B {AB}.
by move=> /(IHA _ _ AB); rewrite nth_behead.
Qed.

Lemma included_has P Q u : included P Q -> has P u -> has Q u.
Proof. by case/andP=> PQ1 PQ2; case: u => [[] i]; apply: included1_sound. Qed.

Lemma included_sound P Q : included P Q -> psub (pair_of P) (pair_of Q).
Proof. by move=> PQ; apply/psub_pins=> v; rewrite !pin_pair; apply: included_has. Qed.

(* and what is not shown to be included sticks out                        *)
Lemma included1_complete (A B : seq bool) :
  (forall i, nth false A i -> nth false B i) -> included1 A B.
Proof.
elim: A B => //= a A IHA B AB; apply/andP; split.
  by case: a AB => // /(_ 0%N isT); case: B.
by apply: IHA => i Ai; rewrite nth_behead; apply: (AB i.+1).
Qed.

Lemma included_complete P Q : (forall u, has P u -> has Q u) -> included P Q.
Proof.
move=> PQ; apply/andP; split; apply: included1_complete => i.
  exact: (PQ (false, i)).
exact: (PQ (true, i)).
Qed.

End Pairs.

Section Sound.

Variables (R : realFieldType) (d m n : nat) (C C' : seq (seq Z)).
Hypotheses (sizeC : size C = m) (sizeC' : size C' = n).
Hypothesis shortC : forall i, (size (nth [::] C i) <= d)%N.
Hypothesis shortC' : forall i, (size (nth [::] C' i) <= d)%N.
Implicit Types (P Q N : masks) (v : 'I_m + 'I_n) (u : neuron) (S : spair (ordinal_finType m) (ordinal_finType n)).

Variables (num den : Z) (fx fy : factor).
Let x := layer_of C C'.
Let y := layer_of C' C.
Hypotheses (den_gt0 : (0 < den)%Z) (proved_x : proved x fx) (proved_y : proved y fy).

Let zX := neuron_vector R d C : 'I_m -> _.
Let zY := neuron_vector R d C' : 'I_n -> _.
Let eps := number R num / number R den.
Local Notation matching := (eps_approximate_match zX zY eps).

Definition approximated_in S v :=
  match v with inl i => approximated zX zY eps i S.2 | inr j => approximated zY zX eps j S.1 end.

Lemma matchingE S : matching S <-> forall v, pin v S -> approximated_in S v.
Proof.
split=> [[mX mY] [i|j]|mv]; [exact: mX | exact: mY |].
by split=> [i iS|j jS]; [apply: (mv (inl i)) | apply: (mv (inr j))].
Qed.

Lemma approximated_more S S' v : psub S S' -> approximated_in S v -> approximated_in S' v.
Proof. by case/andP=> ? ?; case: v => i; apply: T1_approximated_by_more. Qed.

Lemma near_pair_sound P v w :
  near_pair num den x y P (index_of v, w) -> approximated_in (pair_of m n P) v.
Proof.
case: v => i; apply: near_sound den_gt0.
- exact: size_inner sizeC'.
- exact: size_inner_row sizeC'.
- exact: size_outer_row sizeC sizeC' i.
- exact: innerE sizeC' shortC'.
- exact: outerE sizeC sizeC' shortC i.
- exact: normsE sizeC shortC i.
- exact: size_inner sizeC.
- exact: size_inner_row sizeC.
- exact: size_outer_row sizeC' sizeC i.
- exact: innerE sizeC shortC.
- exact: outerE sizeC' sizeC shortC' i.
- exact: normsE sizeC' shortC' i.
Qed.

Lemma beyond_pair_sound P v w :
  beyond_pair num den x y fx fy P (index_of v, w) -> ~ approximated_in (pair_of m n P) v.
Proof.
case: v => i beyondP.
  have sound := beyond_sound (size_inner C sizeC') (size_inner_row C sizeC')
    (size_outer_row sizeC sizeC' i) (innerE R C sizeC' shortC') (outerE R sizeC sizeC' shortC i)
    (normsE R C' sizeC shortC i) den_gt0 (@dead_is_zero R d n C' C sizeC' shortC')
    (proved_sound R sizeC' shortC' proved_y).
  exact: sound beyondP.
have sound := beyond_sound (size_inner C' sizeC) (size_inner_row C' sizeC)
  (size_outer_row sizeC' sizeC i) (innerE R C' sizeC shortC) (outerE R sizeC' sizeC shortC' i)
  (normsE R C sizeC' shortC' i) den_gt0 (@dead_is_zero R d m C C' sizeC shortC)
  (proved_sound R sizeC shortC proved_x).
exact: sound beyondP.
Qed.

Lemma matches_sound P todo steps :
    matches num den x y P todo steps ->
  forall v, has todo (index_of v) -> approximated_in (pair_of m n P) v.
Proof.
elim: steps todo => [|[u w] steps IHs] todo /=.
  by move/included_has => sub v /sub; rewrite /has; case: (index_of v) => -[] i; rewrite nth_nil.
case/andP=> nearP /IHs rest v; have [eq_u _|ne_u] := eqVneq (index_of v) u.
  by apply: (near_pair_sound (w := w)); rewrite eq_u.
by move=> vT; apply: rest; rewrite has_mark (negPf ne_u).
Qed.

(* no match inside P loses anything                                       *)
Lemma peel_sound P steps Q S :
    peel num den x y fx fy P steps = Some Q -> matching S ->
  psub S (pair_of m n P) -> psub S (pair_of m n Q).
Proof.
move=> peelP mS; elim: steps P peelP => [|[u w] steps IHs] P /=; first by case=> ->.
case: ifP => // beyondP /IHs rest SP; apply/rest/psub_pins => v vS.
rewrite pin_pair has_mark -pin_pair; case: eqP => [eq_u|_]; last exact: (psub_pins _ _).1 SP v vS.
case: (@beyond_pair_sound P v w); first by rewrite eq_u.
by apply: approximated_more SP _; apply: (matchingE _).1.
Qed.

Lemma needed_sound P N evicted S :
    needed num den x y fx fy P N evicted -> matching S ->
    psub S (pair_of m n P) -> (forall u, has N u -> exists2 v, index_of v = u & pin v S) ->
  S = pair_of m n P.
Proof.
move=> needP mS SP; elim: evicted N needP => [|[u steps] evicted IHe] N /=.
  move=> PN inS; apply/enc_inj/eqP; rewrite eqEsubset !enc_sub SP; apply/psub_pins=> v.
  by rewrite pin_pair => /(included_has PN)/inS[v' /index_of_inj->].
case/andP=> peelP /IHe step inS; apply: step => u'; rewrite has_mark; case: eqP => [-> _|_ /inS //].
have [/existsP[v /andP[/eqP eq_v vS]]|/existsPn none] :=
  boolP [exists v, (index_of v == u) && pin v S]; first by exists v.
case restP: (peel _ _ _ _ _ _ _ _) peelP => [rest|] // /negP[].
have Srest : psub S (pair_of m n rest).
  apply: (peel_sound restP mS); apply/psub_pins=> v vS; rewrite pin_pair has_mark.
  have := none v; rewrite vS andbT => /negPf->; rewrite -pin_pair.
  exact: (psub_pins _ _).1 SP v vS.
apply: included_complete => w /inS[v <- vS]; rewrite -pin_pair.
exact: (psub_pins _ _).1 Srest v vS.
Qed.

(* ---------------------------------------------------------------------- *)
(* What is accepted                                                       *)
(* ---------------------------------------------------------------------- *)
Lemma maximum_sound M (keep : bool) (peeled steps : seq step) rest :
    included M (start keep x y) -> matches num den x y M M steps ->
    peel num den x y fx fy (start keep x y) peeled = Some rest -> included rest M ->
  maximum_match zX zY eps (pair_of m n (start keep x y)) (pair_of m n M).
Proof.
move=> /included_sound MS /matches_sound mM peelP /included_sound restM; split=> //.
  by apply/matchingE=> v; rewrite pin_pair; apply: mM.
move=> S mS Sstart; apply/psub_pins=> v vS.
apply: (psub_pins _ _).1 (restM m n) _ _.
exact: (psub_pins _ _).1 (peel_sound peelP mS Sstart) v vS.
Qed.

Lemma minimal_sound M (steps : seq step) evicted v :
    has M (index_of v) -> matches num den x y M M steps ->
    needed num den x y fx fy M (mark true (index_of v) ([::], [::])) evicted ->
  minimal_match zX zY eps v (pair_of m n M).
Proof.
move=> vM /matches_sound mM needP; split; first by apply/matchingE=> u; rewrite pin_pair; apply: mM.
  by rewrite pin_pair.
move=> S mS vS SM; apply: needed_sound needP mS SM _ => u; rewrite has_mark.
case: eqP => [-> _|_]; first by exists v.
by rewrite /has; case: u => -[] i; rewrite nth_nil.
Qed.

Lemma start_pair (keep : bool) :
  pair_of m n (start keep x y)
  = ([set i | keep || (zX i != 0)], [set j | keep || (zY j != 0)]).
Proof.
congr (_, _); apply/setP=> i; rewrite in_members inE (nth_map false) ?size_map ?sizeC ?sizeC' //.
  by rewrite (nth_alive R C' sizeC shortC).
by rewrite (nth_alive R C sizeC' shortC').
Qed.

Lemma start_index (keep : bool) u : has (start keep x y) u -> exists v : 'I_m + 'I_n, index_of v = u.
Proof.
have short (l : seq bool) i : nth false l i -> (i < size l)%N.
  by move=> li; rewrite ltnNge; apply: contraL li => ge; rewrite nth_default.
case: u => -[] i /short; rewrite !size_map ?sizeC ?sizeC' => lt.
  by exists (inr (Ordinal lt)).
by exists (inl (Ordinal lt)).
Qed.

End Sound.
