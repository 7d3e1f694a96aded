From KD Require Import Pool.
Import Order.TTheory Num.Theory.
Local Open Scope ring_scope.

(** square: s'Ks - 2 s'a is (s - best)'K(s - best) less best'K best, where K best = a: best is K^-1 a. *)
Theorem square : forall (F : fieldType) (d : nat) (K : 'M[F]_d) (a best s : 'cV[F]_d), K^T = K -> K *m best = a ->
  form K s s - 2%:R * (s^T *m a) 0 0 = form K (s - best) (s - best) - form K best best.
Proof.
move=> F d K a best s SK <-.
have FS u v : form K u v = form K v u by rewrite -form_tr SK.
have -> : (s^T *m (K *m best)) 0 0 = form K best s by rewrite /form mulmxA.
have -> : s - best = 1 *: s + (-1) *: best by rewrite scale1r scaleN1r.
by rewrite form_combined ![form K _ (1 *: s + -1 *: best)]FS !form_combined [form K s best]FS; ring.
Qed.

(** convex: for a pool with shares q, scales b and Sigma = E x x' positive definite: K = Sigma - Sigma M - M Sigma + D is
    positive definite, given that x'Dx is not negative on its rows (9.best-labels, weights). *)
Theorem convex : forall (F : realFieldType) (d N : nat) (X : 'I_N -> 'cV[F]_d) (q b : 'I_N -> F) (n : F) (M D : 'M[F]_d) v,
  0 < n -> (forall j, 0 <= q j) -> (forall j, 0 < b j) -> M^T = M -> M \in unitmx ->
  invmx M = 1%:M + rows X (fun j => f.row_weight n (b j) * q j) ->
  (forall u : 'cV[F]_d, u != 0 -> 0 < form (rows X q) u u) ->
  D = M *m (rows X q + rows X (fun j => q j * f.response_weight n (b j) (form D (X j) (X j)))) *m M ->
  (forall j, 0 <= form D (X j) (X j)) -> v != 0 ->
  0 < f.teacher_form (form (rows X q) v v) (form (rows X q *m M) v v) (form (M *m rows X q) v v) (form D v v).
Proof.
move=> F d N X q b n M D v n0 q0 b0 SM UM EM PS ED PD v0; rewrite /f.teacher_form.
set S := rows X q in PS ED *; set u := v - M *m v.
have form_of (w : 'I_N -> F) x : form (rows X w) x x = \sum_j w j * form 1%:M x (X j) ^+ 2.
  by have := form_rows F d N 1%:M X w x (trmx1 _ _); rewrite mul1mx mulmx1.
have u0 : u != 0.
  apply: contra v0 => /eqP E; have Mv : M *m v = v by apply/eqP; rewrite eq_sym -subr_eq0 -/u E.
  have Sv : rows X (fun j => f.row_weight n (b j) * q j) *m v = 0.
    have : invmx M *m (M *m v) = v by rewrite mulKmx.
    by rewrite Mv EM mulmxDl mul1mx => /(canRL (addKr _)); rewrite addNr.
  have Z : \sum_j (f.row_weight n (b j) * q j) * form 1%:M v (X j) ^+ 2 == 0 by rewrite -form_of /form -mulmxA Sv mulmx0 mxE.
  have W j : 0 < f.row_weight n (b j) by rewrite /f.row_weight divr_gt0.
  move: Z; rewrite psumr_eq0 => [/allP Z | j _]; last by rewrite mulr_ge0 ?sqr_ge0 // mulr_ge0 // ltW.
  have S0 : form S v v = 0.
    rewrite form_of big1 // => j _; have := Z j (mem_index_enum _); rewrite /= -mulrA mulf_eq0 => /orP[E0 | /eqP //].
    by rewrite gt_eqF in E0.
  apply/negPn/negP => nv; have := PS v nv; by rewrite S0 ltxx.
have Eu : form S u u = form S v v - form (S *m M) v v - form (M *m S) v v + form (M *m S *m M) v v.
  rewrite /form /u; have -> : (v - M *m v)^T = v^T - v^T *m M by rewrite linearB /= trmx_mul SM.
  by rewrite 2!mulmxBl !mulmxBr !mulmxA !mxE; ring.
have E2 : form D v v = form (M *m S *m M) v v
    + \sum_j q j * f.response_weight n (b j) (form D (X j) (X j)) * form M v (X j) ^+ 2.
  by rewrite {1}ED mulmxDr mulmxDl formD; congr (_ + _); exact: form_rows.
have P2 : 0 <= \sum_j q j * f.response_weight n (b j) (form D (X j) (X j)) * form M v (X j) ^+ 2.
  apply: sumr_ge0 => j _; rewrite mulr_ge0 ?sqr_ge0 // mulr_ge0 // /f.response_weight.
  by rewrite divr_ge0 ?mulr_ge0 ?sqr_ge0 // ltW.
have -> : form S v v - form (S *m M) v v - form (M *m S) v v + form D v v
  = form S u u + \sum_j q j * f.response_weight n (b j) (form D (X j) (X j)) * form M v (X j) ^+ 2.
  by rewrite E2 Eu; move: (\sum_j _) => s; ring.
by apply: ltr_paddr => //; exact: PS.
Qed.

(** least: with K positive definite the best surrogate is better than every other one. *)
Theorem least : forall (F : realFieldType) (d : nat) (K : 'M[F]_d) (a best s : 'cV[F]_d), K^T = K -> K *m best = a ->
  (forall v, v != 0 -> 0 < form K v v) -> s != best ->
  form K best best - 2%:R * (best^T *m a) 0 0 < form K s s - 2%:R * (s^T *m a) 0 0.
Proof.
move=> F d K a best s SK E PK sb; rewrite !(square _ _ _ _ _ _ SK E) subrr.
have -> : form K (0 : 'cV[F]_d) 0 = 0 by rewrite /form mulmx0 mxE.
by rewrite ltr_add2r; apply: PK; rewrite subr_eq0.
Qed.

(** Gaussian rows: in one mode of Gaussian rows, where M is zeta and D is lambda zeta^2/(1 - Omega) (9.gaussian), the best
    surrogate is (4) and the mask's margin that of section 4, up to a factor lambda/(1 - Omega). *)
Theorem gaussian_rows : forall (F : fieldType) (lam zeta Omega beta : F), lam != 0 -> 1 - Omega != 0 ->
  (1 - Omega) * (1 - zeta) * (1 - zeta) + Omega * zeta * zeta != 0 ->
  let K := f.teacher_form lam (zeta * lam) (lam * zeta) (lam * zeta * zeta / (1 - Omega)) in
  f.form_gain ((1 - zeta) * lam) K * beta = f.optimal_surrogate beta zeta (1 - zeta) Omega (1 - Omega) /\
  f.form_keep_margin ((1 - zeta) * lam) K = lam / (1 - Omega) * f.keep_margin zeta (1 - Omega).
Proof.
move=> F lam zeta Omega beta l0 o0 c0 K.
have EK : K = lam / (1 - Omega) * ((1 - Omega) * (1 - zeta) * (1 - zeta) + Omega * zeta * zeta).
  by rewrite /K /f.teacher_form; field.
split; last by rewrite EK /f.form_keep_margin /f.keep_margin; field.
rewrite EK /f.form_gain /f.optimal_surrogate; move: c0; set c := _ + Omega * zeta * zeta => c0.
by field; rewrite l0 o0 c0.
Qed.

Section Wrong.
Variable F : realFieldType.
(** control of least: where K is only not negative, others are as good. *)
Theorem not_semidefinite : ~ forall (K : 'M[F]_1) (a best s : 'cV[F]_1), K^T = K -> K *m best = a ->
  (forall v, 0 <= form K v v) -> s != best -> form K best best - 2%:R * (best^T *m a) 0 0 < form K s s - 2%:R * (s^T *m a) 0 0.
Proof.
move=> H; have : form (0 : 'M[F]_1) (0 : 'cV_1) 0 - 2%:R * ((0 : 'cV[F]_1)^T *m (0 : 'cV_1)) 0 0
    < form (0 : 'M[F]_1) (1 : 'cV_1) 1 - 2%:R * ((1 : 'cV[F]_1)^T *m (0 : 'cV_1)) 0 0.
  apply: H; [by rewrite trmx0 | by rewrite mul0mx | by move=> v; rewrite /form mulmx0 mul0mx mxE | exact: oner_neq0].
by rewrite /form !mulmx0 !mul0mx !mxE !mulr0 subrr ltxx.
Qed.
End Wrong.
