(* ====================================================================== *)
(* eps-approximate matches over an ordered field R (no square root, no    *)
(* completeness): z is covered by B when some w in the span of B has      *)
(*        |z - w|^2 <= eps^2 |z|^2.                                       *)
(* The existential is decidable because the best w, the orthogonal        *)
(* projection, exists over every ordered field (Gram-Schmidt without      *)
(* normalisation).  The inner product is arbitrary; the standard one on   *)
(* row vectors is an instance (end of the file).                          *)
(*                                                                        *)
(*   norm2 z        == <z, z>                                             *)
(*   proj U z       == orthogonal projection of z on the subspace U       *)
(*   dist2 U z      == squared distance of z to U                         *)
(*   near eps zI zJ i B == neuron i is within eps of the span of B        *)
(* ====================================================================== *)
From mathcomp Require Import all_ssreflect all_algebra.
From spanmatch Require Import cover peeling minimal pairs span.

Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.

Import GRing.Theory Num.Theory Order.TTheory.
Local Open Scope ring_scope.

Section Projection.

Variables (R : realFieldType) (V : vectType R) (dot : V -> V -> R).

Record inner_product := InnerProduct {
  dotC : forall u v, dot u v = dot v u;
  dotD : forall u v w, dot (u + v) w = dot u w + dot v w;
  dotZ : forall a u v, dot (a *: u) v = a * dot u v;
  dot_ge0 : forall u, 0 <= dot u u;
  dot_eq0 : forall u, dot u u = 0 -> u = 0
}.

Hypothesis ip : inner_product.
Implicit Types (u v w z : V) (U : {vspace V}) (s : seq V).

Definition norm2 u := dot u u.

Lemma dotB u v w : dot (u - v) w = dot u w - dot v w.
Proof. by rewrite (dotD ip) -scaleN1r (dotZ ip) mulN1r. Qed.

Lemma dotDr u v w : dot u (v + w) = dot u v + dot u w.
Proof. by rewrite dotC // dotD // !(dotC ip u). Qed.

Lemma dotZr a u v : dot u (a *: v) = a * dot u v.
Proof. by rewrite dotC // dotZ // (dotC ip u). Qed.

Lemma dot0 u : dot 0 u = 0.
Proof. by rewrite -(scale0r 0) (dotZ ip) mul0r. Qed.

Lemma pythagoras u v : dot u v = 0 -> norm2 (u + v) = norm2 u + norm2 v.
Proof.
by move=> uv0; rewrite /norm2 dotD // !dotDr (dotC ip v) uv0 addr0 add0r.
Qed.

Definition is_proj U z w := w \in U /\ forall u, u \in U -> dot (z - w) u = 0.

Lemma proj_seq s z : {w | is_proj <<s>>%VS z w}.
Proof.
elim: s z => [|x s IHs] z.
  exists 0; split=> [|u]; rewrite span_nil memv0 // => /eqP->.
  by rewrite (dotC ip) dot0.
have [x1 [x1s x1P]] := IHs x; have [z1 [z1s z1P]] := IHs z; pose y := x - x1.
exists (z1 + dot z y / norm2 y *: y).
have sub w : w \in <<s>>%VS -> w \in <<x :: s>>%VS.
  by rewrite span_cons; apply/subvP/addvSr.
have yxs: y \in <<x :: s>>%VS.
  by apply: rpredB (sub _ x1s); apply/memv_span/mem_head.
split; first by apply: rpredD (sub _ z1s) _; apply: rpredZ.
move=> u; rewrite span_cons => /memv_addP[_ /vlineP[a ->] [w ws ->]].
have -> : a *: x + w = a *: y + (a *: x1 + w).
  by rewrite addrA -scalerDr subrK.
set w' := a *: x1 + w; have w's: w' \in <<s>>%VS by rewrite rpredD ?rpredZ.
have yw' : dot y w' = 0 by apply: x1P.
have z1y : dot z1 y = 0 by rewrite (dotC ip); apply: x1P.
have ->: dot (z - (z1 + dot z y / norm2 y *: y)) (a *: y + w')
  = a * (dot z y - dot z y / norm2 y * norm2 y).
  rewrite opprD addrA dotB (dotDr (z - z1)) (z1P w') // addr0 (dotZ ip) (dotDr y).
  by rewrite yw' addr0 !dotZr dotB z1y subr0 mulrBr; congr (_ - _); rewrite mulrCA.
have [y0|nzy] := eqVneq (norm2 y) 0; last by rewrite divfK // subrr mulr0.
by rewrite (dot_eq0 ip y0) (dotC ip z) dot0 mul0r mul0r subrr mulr0.
Qed.

Lemma proj_sig U z : {w | is_proj U z w}.
Proof.
have [w] := proj_seq (vbasis U) z.
by rewrite (span_basis (vbasisP U)); exists w.
Qed.

Definition proj U z := sval (proj_sig U z).
Definition dist2 U z := norm2 (z - proj U z).

Lemma proj_mem U z : proj U z \in U.
Proof. by case: (svalP (proj_sig U z)). Qed.

Lemma proj_orth U z u : u \in U -> dot (z - proj U z) u = 0.
Proof. by case: (svalP (proj_sig U z)) => _; apply. Qed.

(* the projection is the closest point of U                               *)
Theorem dist2_min U z w : w \in U -> dist2 U z <= norm2 (z - w).
Proof.
move=> wU; have dU: proj U z - w \in U by rewrite rpredB ?proj_mem.
have ->: z - w = (z - proj U z) + (proj U z - w) by rewrite addrA subrK.
by rewrite pythagoras ?proj_orth // ler_addl dot_ge0.
Qed.

Theorem dist2P U z c :
  reflect (exists2 w, w \in U & norm2 (z - w) <= c) (dist2 U z <= c).
Proof.
apply: (iffP idP) => [le_c|[w wU]]; first by exists (proj U z) => //; apply: proj_mem.
exact/le_trans/dist2_min.
Qed.

Lemma dist2_ge0 U z : 0 <= dist2 U z.
Proof. exact: dot_ge0. Qed.

Lemma dist2S U U' z : (U <= U')%VS -> dist2 U' z <= dist2 U z.
Proof. by move/subvP=> sU; apply/dist2_min/sU/proj_mem. Qed.

Lemma dist2_eq0 U z : (dist2 U z == 0) = (z \in U).
Proof.
apply/eqP/idP=> [/(dot_eq0 ip)/eqP|zU].
  by rewrite subr_eq0 => /eqP->; apply: proj_mem.
apply/eqP; rewrite eq_le dist2_ge0 andbT.
by apply: le_trans (dist2_min z zU) _; rewrite subrr /norm2 dot0.
Qed.

End Projection.

Section Approx.

Variables (R : realFieldType) (V : vectType R) (dot : V -> V -> R).
Hypothesis ip : inner_product dot.
Variables (X Y : finType) (zX : X -> V) (zY : Y -> V).
Implicit Types (eps : R) (P Q S : spair X Y).

Local Notation norm2 := (norm2 dot).

Definition near eps (I J : finType) (zI : I -> V) (zJ : J -> V) i (B : {set J}) :=
  dist2 ip (span_of zJ B) (zI i) <= eps ^+ 2 * norm2 (zI i).

(* the intended meaning of the cover predicate                            *)
Theorem nearP eps (I J : finType) (zI : I -> V) (zJ : J -> V) i (B : {set J}) :
  reflect (exists2 w, w \in span_of zJ B
                    & norm2 (zI i - w) <= eps ^+ 2 * norm2 (zI i))
          (near eps zI zJ i B).
Proof. exact: dist2P. Qed.

Theorem nearM eps (I J : finType) (zI : I -> V) (zJ : J -> V) i (A B : {set J}) :
  A \subset B -> near eps zI zJ i A -> near eps zI zJ i B.
Proof. by move/(span_ofS zJ)/(dist2S ip (zI i)); apply: le_trans. Qed.

Lemma near_relax eps eps' (I J : finType) (zI : I -> V) (zJ : J -> V) i
    (B : {set J}) :
  0 <= eps <= eps' -> near eps zI zJ i B -> near eps' zI zJ i B.
Proof.
case/andP=> ge0 le_eps; move/le_trans; apply.
by rewrite ler_wpmul2r ?dot_ge0 // ler_expn2r // nnegrE // (le_trans ge0).
Qed.

(* eps = 0 is the exact case, eps >= 1 covers everything                  *)
Lemma near0E (I J : finType) (zI : I -> V) (zJ : J -> V) i (B : {set J}) :
  near 0 zI zJ i B = in_span zI zJ i B.
Proof.
rewrite /near /in_span expr0n mul0r -(dist2_eq0 ip).
by rewrite eq_le dist2_ge0 andbT.
Qed.

Lemma near1 eps (I J : finType) (zI : I -> V) (zJ : J -> V) i (B : {set J}) :
  1 <= eps -> near eps zI zJ i B.
Proof.
move=> ge1; apply/nearP; exists 0; rewrite ?mem0v // subr0.
by rewrite ler_pemull ?dot_ge0 // exprn_ege1.
Qed.

(* a non-zero vector is not near the empty set when eps < 1               *)
Lemma near_set0 eps (I J : finType) (zI : I -> V) (zJ : J -> V) i :
  0 <= eps < 1 -> near eps zI zJ i set0 -> zI i = 0.
Proof.
case/andP=> ge0 lt1 /nearP[w]; rewrite /span_of enum_set0 span_nil memv0 => /eqP->.
rewrite subr0 -subr_le0 -{1}[norm2 _]mul1r -mulrBl => le0.
apply/(dot_eq0 ip)/eqP; rewrite eq_le dot_ge0 // andbT -/(norm2 _).
by move: le0; rewrite pmulr_rle0 // subr_gt0 expr_lt1.
Qed.

Definition eps_match eps := is_match (near eps zX zY) (near eps zY zX).
Definition eps_max eps := max_match (near eps zX zY) (near eps zY zX).

(* in words: what an eps-approximate match is                             *)
Theorem eps_matchP eps P :
  reflect
    ({in P.1, forall x, exists2 w, w \in span_of zY P.2
                      & norm2 (zX x - w) <= eps ^+ 2 * norm2 (zX x)} /\
     {in P.2, forall y, exists2 w, w \in span_of zX P.1
                      & norm2 (zY y - w) <= eps ^+ 2 * norm2 (zY y)})
    (eps_match eps P).
Proof.
apply: (iffP andP) => -[mX mY]; split.
- by move=> x xP; apply/nearP; apply: (forall_inP mX).
- by move=> y yP; apply/nearP; apply: (forall_inP mY).
- by apply/forall_inP=> x xP; apply/nearP; apply: mX.
- by apply/forall_inP=> y yP; apply/nearP; apply: mY.
Qed.

Theorem eps_match0 P : eps_match 0 P = (span_of zX P.1 == span_of zY P.2).
Proof.
rewrite -exact_matchE /eps_match /is_match.
by congr (_ && _); apply: eq_forallb => i; rewrite near0E.
Qed.

(* non-empty on one side implies non-empty on the other, so that          *)
(* "non-empty match" is not ambiguous                                     *)
Theorem eps_match_nonempty eps P :
    0 <= eps < 1 -> (forall x, zX x != 0) -> (forall y, zY y != 0) ->
  eps_match eps P -> P != p0 X Y -> (P.1 != set0) && (P.2 != set0).
Proof.
case: P => A B lt1 nzX nzY /andP[/forall_inP/= mX /forall_inP/= mY].
apply: contraNT; rewrite negb_and !negbK => /orP[] /eqP e0; rewrite e0 in mX mY *.
  suff ->: B = set0 by [].
  by apply/setP=> y; rewrite inE; apply/negP=> /mY/(near_set0 lt1)/eqP; apply/negP.
suff ->: A = set0 by [].
by apply/setP=> x; rewrite inE; apply/negP=> /mX/(near_set0 lt1)/eqP; apply/negP.
Qed.

Theorem eps_union eps P Q :
  eps_match eps P -> eps_match eps Q -> eps_match eps (pU P Q).
Proof. by apply: T2_cover_union_of_matches => i A B; apply: nearM. Qed.

Theorem eps_max_spec eps S :
  [/\ eps_match eps (eps_max eps S), psub (eps_max eps S) S
    & forall P, eps_match eps P -> psub P S -> psub P (eps_max eps S)].
Proof. by apply: max_match_spec => i A B; apply: nearM. Qed.

(* the filtration in eps                                                  *)
Theorem eps_max_nested eps eps' S :
  0 <= eps <= eps' -> psub (eps_max eps S) (eps_max eps' S).
Proof.
move=> le_eps; apply: T5_cover_nested; rewrite /psub ?subxx //.
- by move=> i A B; apply: nearM.
- by move=> i A B; apply: nearM.
- by move=> i B; apply: near_relax.
- by move=> i B; apply: near_relax.
Qed.

Theorem eps_sweep_correct eps n S :
    (#|S.1| + #|S.2| <= n)%N ->
  iter n (sweep (near eps zX zY) (near eps zY zX)) S = eps_max eps S.
Proof. by apply: A3_cover_batch_peel => i A B; apply: nearM. Qed.

Theorem eps_simple_iff_vminimal eps P :
  is_simple (near eps zX zY) (near eps zY zX) P <->
  exists v, is_vminimal (near eps zX zY) (near eps zY zX) v P.
Proof. exact: T7_cover_simple_iff_minimal. Qed.

Theorem eps_decomposition eps P :
    eps_match eps P ->
  punion [set Q | is_simple (near eps zX zY) (near eps zY zX) Q && psub Q P] = P.
Proof. exact: T7_cover_union_of_simple. Qed.

Theorem eps_min_match_correct eps v s S :
    pin v (eps_max eps S) -> (forall u, pin u S -> u \in s) ->
  let M := min_match (near eps zX zY) (near eps zY zX) v s S in
  is_vminimal (near eps zX zY) (near eps zY zX) v M /\ psub M S.
Proof. by apply: A2_cover_deletion_is_minimal => i A B; apply: nearM. Qed.

End Approx.

(* With square roots: |z - w| <= eps |z|.                                 *)
Section Sqrt.

Variables (R : rcfType) (V : vectType R) (dot : V -> V -> R).
Hypothesis ip : inner_product dot.

Lemma le_sqrt (a b : R) : 0 <= b -> (Num.sqrt a <= Num.sqrt b) = (a <= b).
Proof.
rewrite le_eqVlt => /predU1P[<-|]; last exact: ler_sqrt.
by rewrite sqrtr0 -sqrtr_eq0 eq_le sqrtr_ge0 andbT.
Qed.

Theorem near_sqrtP (eps : R) (I J : finType) (zI : I -> V) (zJ : J -> V) i
    (B : {set J}) :
    0 <= eps ->
  near ip eps zI zJ i B =
  (Num.sqrt (dist2 ip (span_of zJ B) (zI i))
     <= eps * Num.sqrt (norm2 dot (zI i))).
Proof.
move=> ge0; rewrite /near -{2}(ger0_norm ge0) -sqrtr_sqr -sqrtrM ?sqr_ge0 //.
by rewrite le_sqrt // mulr_ge0 ?sqr_ge0 ?dot_ge0.
Qed.

End Sqrt.

(* The standard inner product on row vectors R^d.                         *)
Section Standard.

Variables (R : realFieldType) (d : nat).

Definition stdot (u v : 'rV[R]_d) : R := \sum_j u 0 j * v 0 j.

Lemma stdot_ip : inner_product stdot.
Proof.
split=> [u v|u v w|a u v|u|u].
- by apply: eq_bigr => j _; rewrite mulrC.
- by rewrite -big_split; apply: eq_bigr => j _; rewrite mxE mulrDl.
- by rewrite mulr_sumr; apply: eq_bigr => j _; rewrite mxE mulrA.
- by apply: sumr_ge0 => j _; apply: sqr_ge0.
- move/eqP; rewrite psumr_eq0 => [/allP u0|j _]; last exact: sqr_ge0.
  apply/rowP=> j; rewrite mxE; apply/eqP.
  by have:= u0 j (mem_index_enum j); rewrite -expr2 sqrf_eq0.
Qed.

End Standard.
