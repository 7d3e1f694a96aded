From KD Require Import Pool.
Local Open Scope ring_scope.

(** whole: over any field, for any pool, any A, labels with residuals e and noise sigma2: with D of (10), V of (12), k of
    (11) and the mean errors r on rows that were not drawn, tr(A Cov) = n E[(r^2 + sigma2) x'Dx/b^2], and
    Cov = M U M with U = n E[x x' (r^2 + sigma2 + x'Cov x)/b^2].  Cov is E b b' by (12) less E b (E b)', E b = (I - M) theta. *)
Theorem variance : forall (F : fieldType) (d N : nat) (X : 'I_N -> 'cV[F]_d) (q b e : 'I_N -> F) (n sigma2 : F)
    (A D M V : 'M[F]_d) (theta k : 'cV[F]_d),
  M^T = M -> A^T = A ->
  D = M *m (A + rows X (fun j => q j * f.response_weight n (b j) (form D (X j) (X j)))) *m M ->
  V = theta *m theta^T + rows X (fun j => q j * f.label_weight n (b j) (form M theta (X j)) (e j) (e j ^+ 2 + sigma2))
      + rows X (fun j => q j * f.response_weight n (b j) (form (M *m V *m M) (X j) (X j))) ->
  k = M *m (\sum_j (q j * f.crossed_weight n (b j) (form D (X j) (X j)) (e j)) *: X j) ->
  let r j := e j + form M theta (X j) in
  let mean := theta - M *m theta in
  let second := f.teacher_form (form A theta theta) (form (A *m M) theta theta) (form (M *m A) theta theta) (form D theta theta)
    + 2%:R * (theta^T *m k) 0 0 + (\sum_j q j * ((e j ^+ 2 + sigma2) * f.response_weight n (b j) (form D (X j) (X j)))) in
  let Cov := M *m (V - theta *m theta^T) *m M in
  (second - form A mean mean = \sum_j q j * ((r j ^+ 2 + sigma2) * f.response_weight n (b j) (form D (X j) (X j)))) /\
  (Cov = M *m rows X (fun j => q j * (n * (r j ^+ 2 + sigma2 + form Cov (X j) (X j)) / b j ^+ 2)) *m M).
Proof.
rewrite /f.response_weight /f.label_weight /f.crossed_weight /f.teacher_form.
move=> F d N X q b e n sigma2 A D M V theta k SM SA ED EV Ek /=; split.
- have Em : form A (theta - M *m theta) (theta - M *m theta)
    = form A theta theta - form (A *m M) theta theta - form (M *m A) theta theta + form (M *m A *m M) theta theta.
    rewrite /form; have -> : (theta - M *m theta)^T = theta^T - theta^T *m M by rewrite linearB /= trmx_mul SM.
    by rewrite 2!mulmxBl !mulmxBr !mulmxA !mxE; ring.
  have ED2 : form D theta theta = form (M *m A *m M) theta theta
    + \sum_j q j * (n * form D (X j) (X j) / b j ^+ 2) * form M theta (X j) ^+ 2.
    by rewrite {1}ED mulmxDr mulmxDl formD form_rows.
  rewrite Em ED2 Ek mulmxA mulmx_sumr summxE.
  have -> : 2%:R * (\sum_i (theta^T *m M *m ((q i * (n * e i * form D (X i) (X i) / b i ^+ 2)) *: X i)) 0 0)
    = \sum_j q j * (n * form D (X j) (X j) / b j ^+ 2) * (2%:R * e j * form M theta (X j)).
    rewrite mulr_sumr; apply: eq_bigr => j _; rewrite -scalemxAr mxE.
    have -> : (theta^T *m M *m X j) 0 0 = form M theta (X j) by rewrite -/(form M (X j) theta) -form_tr SM.
    by ring.
  have E3 : forall s t u v x y z : F, s - t - u + (v + x) + y + z - (s - t - u + v) = x + y + z by move=> *; ring.
  rewrite E3.
  by rewrite -!big_split; apply: eq_bigr => j _ /=; ring.
- set Cov := M *m (V - theta *m theta^T) *m M; congr (M *m _ *m M).
  have -> : V - theta *m theta^T = rows X (fun j => q j * (n * (2%:R * e j * form M theta (X j) + (e j ^+ 2 + sigma2)) / b j ^+ 2))
    + rows X (fun j => q j * (n * form (M *m V *m M) (X j) (X j) / b j ^+ 2)).
    by rewrite {1}EV -addrA addrC addKr.
  rewrite /rows -big_split; apply: eq_bigr => j _ /=; rewrite -scalerDl; congr (_ *: _).
  have -> : form (M *m V *m M) (X j) (X j) = form Cov (X j) (X j) + form M theta (X j) ^+ 2.
    by rewrite /Cov mulmxBr mulmxBl formB form_square // subrK.
  by ring.
Qed.
