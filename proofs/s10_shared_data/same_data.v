From KD Require Import Pool.
Import Order.TTheory Num.Theory.
Local Open Scope ring_scope.

(* The ridge solution for the labels y on the rows X, and what is said to be its derivative by the ridge. *)
Section Ridge.
Variables (F : realFieldType) (n p : nat) (X : 'M[F]_(n, p)) (y : 'cV[F]_n).
Definition inverse (delta : F) : 'M[F]_p := invmx (X^T *m X + delta%:M).
Definition ridge (delta : F) (labels : 'cV[F]_n) : 'cV[F]_p := inverse delta *m (X^T *m labels).
Definition along (delta : F) : 'cV[F]_p := - (inverse delta *m ridge delta y).
(* b(delta + h) = b + h along + h^2 rest *)
Definition rest (delta h : F) : 'cV[F]_p := inverse (delta + h) *m (inverse delta *m ridge delta y).
Definition regular (delta : F) := X^T *m X + delta%:M \in unitmx.
Definition small_step (delta h : F) := `|h| * (size_of (1%:M : 'M[F]_p) * size_of (inverse delta)) <= 2%:R^-1.

Lemma moved (delta h : F) : X^T *m X + (delta + h)%:M = X^T *m X + delta%:M + h *: 1%:M.
Proof. by rewrite raddfD /= addrA scalemx1. Qed.
Lemma still (delta h : F) : regular delta -> small_step delta h -> regular (delta + h).
Proof. by move=> U S; rewrite /regular moved; apply: still_unit U _. Qed.
Lemma step (delta h : F) : regular delta -> regular (delta + h) ->
  inverse (delta + h) - inverse delta = - (h *: (inverse (delta + h) *m inverse delta)).
Proof.
move=> U V; have := resolvent_step F p 1%:M (X^T *m X + delta%:M) h U; rewrite -moved => /(_ V).
by rewrite mulmx1.
Qed.
Lemma expansion (delta h : F) : regular delta -> regular (delta + h) ->
  ridge (delta + h) y = ridge delta y + h *: along delta + h ^+ 2 *: rest delta h.
Proof.
move=> U V; have E := step delta h U V.
have D : inverse (delta + h) = inverse delta - h *: (inverse (delta + h) *m inverse delta) by rewrite -E [RHS]addrC subrK.
have B : ridge (delta + h) y = ridge delta y - h *: (inverse (delta + h) *m ridge delta y).
  by rewrite {1}/ridge {1}D mulmxBl -scalemxAl -mulmxA.
have R1 : inverse (delta + h) *m ridge delta y = inverse delta *m ridge delta y - h *: (inverse (delta + h) *m (inverse delta *m ridge delta y)).
  by rewrite {1}D mulmxBl -scalemxAl mulmxA.
by rewrite B -addrA; congr (_ + _); rewrite R1 scalerBr opprB scalerA -expr2 /along scalerN [RHS]addrC.
Qed.
Lemma rest_size (delta h : F) : regular delta -> small_step delta h ->
  size_of (rest delta h) <= 2%:R * size_of (inverse delta) * size_of (inverse delta *m ridge delta y).
Proof.
move=> U S; apply: le_trans (sizeM _ _ _ _ _ _) _; apply: ler_wpmul2r; first exact: size_ge0.
apply: (resolvent_size F p 1%:M _ _ h S); rewrite mulmx1; exact: step U (still _ _ U S).
Qed.
End Ridge.

(** student: over any ordered field, for every X, y and ridge: the student of (1 - xi) y + xi X b is b + xi delta b', where b'
    is the derivative of b by the ridge: b(delta + h) is b + h b' up to h^2 times a bounded vector. *)
Theorem student : forall (F : realFieldType) (n p : nat) (X : 'M[F]_(n, p)) (y : 'cV[F]_n) (delta xi h : F) i,
  regular F n p X delta -> small_step F n p X delta h ->
  let b d := ridge F n p X d y in let slope := along F n p X y delta in
  ridge F n p X delta ((1 - xi) *: y + xi *: (X *m b delta)) i 0 = f.mixed_student (b delta i 0) (slope i 0) delta xi /\
  exists r, b (delta + h) = b delta + h *: slope + h ^+ 2 *: r /\
    size_of r <= 2%:R * size_of (inverse F n p X delta) * size_of (inverse F n p X delta *m b delta).
Proof.
move=> F n p X y delta xi h i U S /=; split; last first.
  exists (rest F n p X y delta h); split; last exact: rest_size.
  by apply: expansion => //; exact: still.
have N : X^T *m (X *m ridge F n p X delta y) = X^T *m y - delta *: ridge F n p X delta y.
  have E : (X^T *m X + delta%:M) *m ridge F n p X delta y = X^T *m y by rewrite /ridge /inverse mulKVmx.
  by rewrite -E mulmxDl mul_scalar_mx mulmxA addrK.
have -> : ridge F n p X delta ((1 - xi) *: y + xi *: (X *m ridge F n p X delta y))
  = ridge F n p X delta y + (xi * delta) *: along F n p X y delta.
  rewrite {1}/ridge mulmxDr -!scalemxAr N mulmxDr -!scalemxAr mulmxBr -scalemxAr scalerBr scalerBl scale1r addrA subrK.
  by rewrite -/(ridge F n p X delta y) /along scalerN scalerA.
by rewrite /f.mixed_student; move: (ridge _ _ _ _ _ _) (along _ _ _ _ _ _) => b w; rewrite !mxE.
Qed.

Lemma form_step (F : realFieldType) p (S : 'M[F]_p) (e v : 'cV[F]_p) (t : F) : S^T = S ->
  form S (e + t *: v) (e + t *: v) = form S e e + 2%:R * t * form S e v + t ^+ 2 * form S v v.
Proof.
move=> SS; have sym x z : form S x z = form S z x by rewrite -form_tr SS.
rewrite -[e in e + _]scale1r form_combined ![form S _ (_ + _)]sym !form_combined [form S v e]sym.
by move: (form S e e) (form S e v) (form S v v) => a c d; ring.
Qed.

(** risk: for any Sigma and beta*, R(xi) is the stated polynomial, and its slope is half of R'(delta): R(delta + h) is R + 2 h L
    + h^2 times what the rest of b(delta + h) makes, bounded with it. *)
Theorem risk : forall (F : realFieldType) (n p : nat) (X : 'M[F]_(n, p)) (y : 'cV[F]_n) (delta xi h : F) (S : 'M[F]_p) (truth : 'cV[F]_p),
  S^T = S -> regular F n p X delta -> small_step F n p X delta h ->
  let b d := ridge F n p X d y in let w := along F n p X y delta in
  let R v := form S (v - truth) (v - truth) in let L := form S (b delta - truth) w in
  (R (b delta + (xi * delta) *: w) = f.mixed_labels_risk (R (b delta)) L (form S w w) delta xi) /\
  let r := rest F n p X y delta h in
  R (b (delta + h)) = R (b delta) + h * (2%:R * L) + h ^+ 2 * (form S w w + 2%:R * form S (b delta - truth) r + 2%:R * h * form S w r + h ^+ 2 * form S r r).
Proof.
move=> F n p X y delta xi h S truth SS U Sm /=.
set b := ridge F n p X delta y; set w := along F n p X y delta; set r := rest F n p X y delta h; split.
  have -> : b + (xi * delta) *: w - truth = (b - truth) + (xi * delta) *: w by rewrite addrAC.
  rewrite form_step // /f.mixed_labels_risk; move: (form S _ _) (form S _ _) (form S _ _) => c d e; ring.
have -> : ridge F n p X (delta + h) y - truth = (b - truth) + h *: (w + h *: r).
  rewrite (expansion F n p X y delta h U (still F n p X delta h U Sm)) -/b -/w -/r scalerDr scalerA -expr2.
  by rewrite -!addrA; congr (_ + _); rewrite [RHS]addrC -addrA.
have sym x z : form S x z = form S z x by rewrite -form_tr SS.
rewrite form_step // form_step // (sym (b - truth) (w + h *: r)).
have -> : form S (w + h *: r) (b - truth) = form S w (b - truth) + h * form S r (b - truth).
  by have := form_combined F p S w r 1 h (b - truth); rewrite scale1r mul1r.
rewrite (sym w (b - truth)) (sym r (b - truth)).
move: (form S (b - truth) (b - truth)) (form S (b - truth) w) (form S (b - truth) r) (form S w w) (form S w r) (form S r r) => a c d e g k.
by ring.
Qed.

(** best mixing: the library's mixing has the least risk, and is the only one that has it. *)
Theorem best_mixing : forall (F : realFieldType) (R L K delta xi : F), 0 < K -> delta != 0 ->
  let risk := f.mixed_labels_risk R L K delta in let best := f.best_mixing L K delta in
  risk best <= risk xi /\ (risk xi = risk best -> xi = best).
Proof.
move=> F R L K delta xi K0 d0 /=; have K1 : K != 0 by rewrite gt_eqF.
have E : f.mixed_labels_risk R L K delta xi - f.mixed_labels_risk R L K delta (f.best_mixing L K delta)
  = K * (delta * (xi - f.best_mixing L K delta)) ^+ 2.
  by rewrite /f.mixed_labels_risk /f.best_mixing; field; rewrite K1 d0.
split; first by rewrite -subr_ge0 E mulr_ge0 ?sqr_ge0 // ltW.
move=> Q; have := E; rewrite Q subrr => /esym/eqP; rewrite mulf_eq0 (negbTE K1) /= sqrf_eq0 mulf_eq0 (negbTE d0) /= subr_eq0.
by move/eqP.
Qed.

(** gain: with the slope L = R'/2 it takes off R'^2/(4 K), which is positive iff the risk still changes with the ridge. *)
Theorem gain : forall (F : realFieldType) (R slope K delta : F), 0 < K -> delta != 0 ->
  let L := slope / 2%:R in
  f.best_mixing L K delta = - slope / (2%:R * delta * K) /\
  R - f.mixed_labels_risk R L K delta (f.best_mixing L K delta) = f.mixing_gain L K /\
  f.mixing_gain L K = slope ^+ 2 / (4%:R * K) /\ (0 < f.mixing_gain L K) = (slope != 0).
Proof.
move=> F R slope K delta K0 d0 /=; have K1 : K != 0 by rewrite gt_eqF.
have two : (2%:R : F) != 0 by rewrite pnatr_eq0.
have four : (4%:R : F) != 0 by rewrite pnatr_eq0.
have G : f.mixing_gain (slope / 2%:R) K = slope ^+ 2 / (4%:R * K).
  by rewrite /f.mixing_gain; field; rewrite K1.
split; first by rewrite /f.best_mixing; field; rewrite K1 d0.
split; first by rewrite /f.mixed_labels_risk /f.best_mixing /f.mixing_gain; field; rewrite K1 d0.
have K4 : 0 < (4%:R * K)^-1 by rewrite invr_gt0 mulr_gt0 ?ltr0n.
by split=> //; rewrite G (pmulr_lgt0 _ K4) exprn_even_gt0.
Qed.

Section Wrong.
Variable F : realFieldType.
(** control of best mixing: its sign; with R = 0 and L, K, delta = 1 it adds 3 where no mixing adds 0. *)
Theorem not_the_other_sign : ~ forall R L K delta : F, 0 < K -> delta != 0 ->
  f.mixed_labels_risk R L K delta (- f.best_mixing L K delta) <= f.mixed_labels_risk R L K delta 0.
Proof.
move=> H; have := H 0 1 1 1 ltr01 (oner_neq0 _).
have -> : f.mixed_labels_risk 0 1 1 1 (- f.best_mixing 1 1 1) = 3%:R :> F by rewrite /f.mixed_labels_risk /f.best_mixing; field.
have -> : f.mixed_labels_risk 0 1 1 1 0 = 0 :> F by rewrite /f.mixed_labels_risk; ring.
by rewrite lern0.
Qed.
End Wrong.
