(* ====================================================================== *)
(* Why T9 needs a hypothesis (T8): when all neurons of both networks      *)
(* have the same non-zero activation vector, every pair ({x}, {y}) is a   *)
(* simple match.  So there are at least |X| * |Y| simple matches, and the *)
(* x-minimal match is not unique as soon as |Y| >= 2.                     *)
(* ====================================================================== *)
From mathcomp Require Import all_ssreflect all_algebra.
From spanmatch Require Import cover peeling minimal pairs span.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Section Duplicates.

Variables (F : fieldType) (V : vectType F) (X Y : finType) (a : V).
Hypothesis nz_a : a != 0%R.

Let zX (x : X) := a.
Let zY (y : Y) := a.

Local Notation simple := (is_simple (in_span zX zY) (in_span zY zX)).
Local Notation vminimal := (is_vminimal (in_span zX zY) (in_span zY zX)).

Lemma in_span_dup (I J : finType) (i : I) (B : {set J}) :
  in_span (fun=> a) (fun=> a) i B = (B != set0).
Proof.
rewrite /in_span; have [->|/set0Pn[j jB]] := eqVneq B set0.
  by rewrite /span_of enum_set0 span_nil memv0 (negPf nz_a).
exact: (mem_span_of (fun=> a) jB).
Qed.

Theorem T8_duplicates_are_minimal x y : vminimal (inl x) ([set x], [set y]).
Proof.
apply/and3P; split; first 1 last.
- by rewrite /= inE.
- apply/forallP=> -[A B]; apply/implyP=> /and3P[/andP[/forall_inP/= mX _]] /=.
  move=> xA /andP[/= Ax By]; move: (mX x xA); rewrite in_span_dup => nzB.
  rewrite xpair_eqE eqEsubset Ax sub1set xA /=.
  by move: By; rewrite subset1 (negPf nzB) orbF.
by apply/andP; split; apply/forall_inP=> i _; rewrite in_span_dup;
   apply/set0Pn; [exists y | exists x]; rewrite inE.
Qed.

Theorem T8_duplicates_are_simple x y : simple ([set x], [set y]).
Proof.
apply/T7_cover_simple_iff_minimal; try by move=> i A B; apply: in_spanM.
by exists (inl x); apply: T8_duplicates_are_minimal.
Qed.

Theorem T8_number_of_simple_matches : #|X| * #|Y| <= #|[set P | simple P]|.
Proof.
pose f (p : X * Y) : spair X Y := ([set p.1], [set p.2]).
have f_inj : injective f by move=> [x y] [x' y'] [/set1_inj-> /set1_inj->].
rewrite -card_prod -cardsT -(card_imset _ f_inj); apply/subset_leq_card/subsetP.
by move=> _ /imsetP[[x y] _ ->]; rewrite inE T8_duplicates_are_simple.
Qed.

End Duplicates.
