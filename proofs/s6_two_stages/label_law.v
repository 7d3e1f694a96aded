From KD Require Import Modes.

(** samples: in a common eigenbasis, with the square roots r_s and r_t of the eigenvalues, the label of every sample is
    the same in both views, for any number of modes. *)
Theorem samples : forall p r_s r_t beta x, positive p r_t ->
  Sum (fun i => r_s i / r_t i * x i * beta i) p = Sum (fun i => x i * f.surrogate_from_covariances (r_s i) (r_t i) (beta i)) p.
Proof. modes. intros p r_s r_t beta x HT. termwise. specialize (HT i Hi). field. lra. Qed.

(** inverse: where beta* is not 0 and the surrogate has its sign, the surrogate is that of the covariances iff the
    eigenvalue of the source is that of the surrogate. *)
Theorem inverse : forall r_s r_t b s, 0 < r_s -> 0 < r_t -> b <> 0 -> 0 < s * b ->
  (f.surrogate_from_covariances r_s r_t b = s <-> r_s * r_s = f.source_eigenvalue (r_t * r_t) s b).
Proof.
  formulas. intros rs rt b s Hs Ht Hb H. set (q := s / b).
  assert (E : s = q * b) by (unfold q; field; exact Hb).
  assert (B : 0 < b * b) by (exact (Rsqr_pos_lt _ Hb)). assert (Q : 0 < q) by (rewrite E in H; nra).
  assert (F : rs * b / rt = rs / rt * b) by (field; lra). rewrite F, E.
  replace (q * b / b) with q by (field; exact Hb). clearbody q. split; intros K.
  - apply Rmult_eq_reg_r in K; [| exact Hb]. rewrite <- K. field. lra.
  - assert (Z : (rs - rt * q) * (rs + rt * q) = 0) by lra. apply Rmult_integral in Z.
    assert (0 < rt * q) by nra. replace rs with (rt * q) by lra. field. lra.
Qed.

(** off the support: where beta* is 0 the surrogate is 0, whatever the covariances. *)
Theorem off_the_support : forall r_s r_t, 0 < r_t -> f.surrogate_from_covariances r_s r_t 0 = 0.
Proof. formulas. intros. field. lra. Qed.

(** control of inverse: without equal signs. *)
Theorem not_without_signs : ~ forall r_s r_t b s, 0 < r_s -> 0 < r_t -> b <> 0 ->
  (f.surrogate_from_covariances r_s r_t b = s <-> r_s * r_s = f.source_eigenvalue (r_t * r_t) s b).
Proof. formulas. intros H. destruct (H 1 1 1 (-1) ltac:(lra) ltac:(lra) ltac:(lra)) as [_ K]. lra. Qed.
