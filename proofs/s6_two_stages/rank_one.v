From KD Require Import Modes.

(** diagonal: what (7) leaves out is what the share s_i of section 2 adds to a coordinate's variance. *)
Theorem diagonal : forall lam tau b n p Omega rest noise, 0 < lam -> 0 < tau -> 0 < n -> 0 < p -> Omega < 1 -> 0 < noise + rest ->
  let zeta := f.zeta lam tau in let learnt := f.one_minus_zeta lam tau in
  let gamma := f.gamma_squared p n (1 - Omega) rest noise in
  let share := f.coordinate_share (f.unlearnt_energy lam b zeta) rest noise in
  f.rank_one_variance learnt (zeta * b) n (1 - Omega)
  = f.coordinate_variance lam learnt gamma share p - f.coordinate_variance lam learnt gamma 0 p.
Proof. cbv zeta. formulas. intros. field. repeat split; lra. Qed.

(* V of (7) for a stage of m samples on the modes lam *)
Definition scale p lam beta m tau noise :=
  f.trained_scale (Sum (fun i => f.unlearnt_energy (lam i) (beta i) (zetas lam tau i)) p) (1 - omega_at p lam m tau) noise.

(** bound: the trace of what is left out is at most V/m, for any number of modes. *)
Theorem bound : forall p lam beta m tau noise, positive p lam -> 0 < tau -> 0 < m -> 0 <= noise -> omega_at p lam m tau < 1 ->
  Sum (fun i => lam i * f.rank_one_variance (learnt lam tau i) (zetas lam tau i * beta i) m (1 - omega_at p lam m tau)) p
  <= scale p lam beta m tau noise / m.
Proof.
  intros p lam beta m tau noise HL Ht Hm Hs HO. unfold scale. set (Om := omega_at p lam m tau) in *.
  set (E := Sum (fun i => f.unlearnt_energy (lam i) (beta i) (zetas lam tau i)) p).
  apply Rle_trans with (/ (m * (1 - Om)) * E).
  - unfold E. rewrite <- Sum_scal. apply Sum_le. intros i Hi. specialize (HL i Hi). modes.
    assert (W : 0 < lam i / (lam i + tau) < 1) by (split; [pos | apply lt_div_l; lra]). set (w := lam i / (lam i + tau)) in *.
    set (z := tau / (lam i + tau)).
    replace (lam i * (w * (z * beta i) * (w * (z * beta i)) / (m * (1 - Om))))
      with (/ (m * (1 - Om)) * (lam i * (z * beta i) * (z * beta i) * (w * w))) by (field; lra).
    apply Rmult_le_compat_l; [left; apply Rinv_0_lt_compat, Rmult_lt_0_compat; lra |].
    match goal with |- ?e * _ <= _ => rewrite <- (Rmult_1_r e) at 2 end.
    apply Rmult_le_compat_l; [apply signal_nonneg; exact HL | nra].
  - unfold f.trained_scale. replace ((noise + E) / (1 - Om) / m) with (/ (m * (1 - Om)) * (noise + E)) by (field; lra).
    apply Rmult_le_compat_l; [left; apply Rinv_0_lt_compat, Rmult_lt_0_compat |]; lra.
Qed.

(** trace: V Omega is the trace of Sigma against the covariance (7), for any number of modes. *)
Theorem trace : forall p lam V m tau, positive p lam -> 0 < tau -> 0 < m ->
  Sum (fun i => lam i * f.trained_variance V m (learnt lam tau i) (lam i + tau)) p = V * omega_at p lam m tau.
Proof.
  modes. intros p lam V m tau HL Ht Hm.
  replace (V * (Sum (fun i => lam i / (lam i + tau) * (lam i / (lam i + tau))) p / m))
    with (V / m * Sum (fun i => lam i / (lam i + tau) * (lam i / (lam i + tau))) p) by (field; lra).
  rewrite <- Sum_scal. termwise. specialize (HL i Hi). field. lra.
Qed.
