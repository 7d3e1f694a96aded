From KD Require Import Pool.
Local Open Scope ring_scope.

(** whole: over any field, for any pool and any A: with D of (10) and V of (12), the terms of (11) that hold D are
    tr(D W), and that is tr(A MVM).  The pool's mean is the sum with the probabilities q, M is symmetric, e the labels'
    residuals, and square their mean squares. *)
Theorem adjoint : forall (F : fieldType) (d N : nat) (X : 'I_N -> 'cV[F]_d) (q b e square : 'I_N -> F) (n : F)
    (A D M V : 'M[F]_d) (theta k : 'cV[F]_d),
  M^T = M ->
  D = M *m (A + rows X (fun j => q j * f.response_weight n (b j) (form D (X j) (X j)))) *m M ->
  V = theta *m theta^T + rows X (fun j => q j * f.label_weight n (b j) (form M theta (X j)) (e j) (square j))
      + rows X (fun j => q j * f.response_weight n (b j) (form (M *m V *m M) (X j) (X j))) ->
  k = M *m (\sum_j (q j * f.crossed_weight n (b j) (form D (X j) (X j)) (e j)) *: X j) ->
  let W := theta *m theta^T + rows X (fun j => q j * f.label_weight n (b j) (form M theta (X j)) (e j) (square j)) in
  (form D theta theta + 2%:R * (theta^T *m k) 0 0
    + (\sum_j q j * (square j * f.response_weight n (b j) (form D (X j) (X j)))) = \tr (D *m W)) /\
  (\tr (D *m W) = \tr (A *m (M *m V *m M))).
Proof.
rewrite /f.response_weight /f.label_weight /f.crossed_weight.
move=> F d N X q b e square n A D M V theta k SM ED EV Ek /=.
set W := theta *m theta^T + _.
have TC (P Q : 'M[F]_d) : \tr (P *m Q) = \tr (Q *m P) by exact: mxtrace_mulC.
split.
- rewrite TC mulmxDl raddfD /= tr_rank_one tr_rows -addrA; congr (_ + _).
  rewrite Ek mulmxA mulmx_sumr summxE mulr_sumr -big_split; apply: eq_bigr => j _ /=.
  rewrite -scalemxAr mxE.
  have -> : (theta^T *m M *m X j) 0 0 = form M theta (X j) by rewrite -/(form M (X j) theta) -form_tr SM.
  set g := form M theta (X j); set w := form D (X j) (X j).
  by ring.
- set U := rows X (fun j => q j * (n * form (M *m V *m M) (X j) (X j) / b j ^+ 2)) in EV.
  have WV : W = V - U by rewrite EV addrK.
  have DV : \tr (D *m V) = \tr (A *m (M *m V *m M)) + \tr (rows X (fun j => q j * (n * form D (X j) (X j) / b j ^+ 2)) *m (M *m V *m M)).
    rewrite [in LHS]ED -!mulmxA TC -!mulmxA [M *m (V *m M)]mulmxA -raddfD -mulmxDl /=.
    by rewrite !mulmxA.
  rewrite WV mulmxBr raddfB /= DV tr_rows [\tr (D *m U)]TC /U tr_rows.
  rewrite (eq_bigr (fun j => q j * (n * form (M *m V *m M) (X j) (X j) / b j ^+ 2) * form D (X j) (X j))) ?addrK // => j _.
  by ring.
Qed.
