From KD Require Import Pool.
Local Open Scope ring_scope.

(** every sample: rows scaled by any numbers that are not zero have the same projector X+ X, and so the same student of
    linear labels without noise; S is the diagonal matrix of the scales, G the rows without them. *)
Theorem every_sample : forall (F : fieldType) (n p : nat) (s : 'rV[F]_n) (G : 'M[F]_(n, p)),
  diag_mx s \in unitmx -> G *m G^T \in unitmx ->
  let X := diag_mx s *m G in X^T *m invmx (X *m X^T) *m X = G^T *m invmx (G *m G^T) *m G.
Proof.
move=> F n p s G US UG /=; set S := diag_mx s.
have ST : S^T = S by rewrite tr_diag_mx.
have E : (S *m G) *m (S *m G)^T = S *m (G *m G^T) *m S by rewrite trmx_mul ST !mulmxA.
have -> : invmx ((S *m G) *m (S *m G)^T) = invmx S *m invmx (G *m G^T) *m invmx S.
  have U : S *m (G *m G^T) *m S \in unitmx by rewrite !unitmx_mul US UG.
  rewrite E -[LHS]mulmx1; apply: (canLR (mulKmx U)).
  have -> : S *m (G *m G^T) *m S *m (invmx S *m invmx (G *m G^T) *m invmx S)
    = S *m (G *m G^T *m (S *m invmx S) *m invmx (G *m G^T)) *m invmx S by rewrite !mulmxA.
  by rewrite (mulmxV US) mulmx1 (mulmxV UG) mulmx1 (mulmxV US).
rewrite trmx_mul ST -!mulmxA [invmx S *m (S *m G)]mulmxA (mulVmx US) mul1mx.
by rewrite [S *m (invmx S *m _)]mulmxA (mulmxV US) mul1mx.
Qed.

(** equations: without a ridge the scale s of a row x = s z cancels in the weights of (9) and of (10): they are those of z. *)
Theorem equations : forall (F : fieldType) (n s t d : F), s != 0 -> t != 0 ->
  let b := f.row_scale 0 (s ^+ 2 * t) in
  (f.row_weight n b * s ^+ 2 = f.row_weight n t) /\ (f.response_weight n b (s ^+ 2 * d) * s ^+ 2 = f.response_weight n t d).
Proof.
rewrite /f.row_scale /f.row_weight /f.response_weight => F n s t d s0 t0 /=; rewrite add0r; split; field; by rewrite s0 t0.
Qed.
