From KD Require Import Roots.

(** upper side: with a ridge Omega is below every bound of the shares 1 - zeta. *)
Theorem upper_side : forall p lam n delta tau b, (0 < p)%nat -> positive p lam -> 0 < delta -> 0 < tau -> 0 < n ->
  fixed_point p lam n delta tau -> (forall i, (i < p)%nat -> learnt lam tau i <= b) -> omega_at p lam n tau < b.
Proof.
  intros p lam n delta tau b Hp HL Hd Ht Hn HF HB. apply root_of in HF. unfold left_side in HF.
  assert (0 < delta / tau) by (apply Rdiv_lt_0_compat; assumption).
  pose proof (share_inside lam tau 0%nat (HL 0%nat Hp) Ht). specialize (HB 0%nat Hp) as B0.
  assert (Sum (fun i => learnt lam tau i * learnt lam tau i) p <= b * Sum (learnt lam tau) p).
  { rewrite <- Sum_scal. apply Sum_le. intros i Hi. pose proof (share_inside lam tau i (HL i Hi) Ht). specialize (HB i Hi). nra. }
  unfold omega_at, f.omega, f.learnt_square. apply lt_div_l; [exact Hn |]. nra.
Qed.

(** some mode amplified: the mode with the largest share. *)
Theorem some_mode : forall p lam n delta tau, (0 < p)%nat -> positive p lam -> 0 < delta -> 0 < tau -> 0 < n ->
  fixed_point p lam n delta tau -> exists i, (i < p)%nat /\ 0 < f.amplification_margin (zetas lam tau i) (1 - omega_at p lam n tau).
Proof.
  intros p lam n delta tau Hp HL Hd Ht Hn HF. destruct (Sum_argmax (learnt lam tau) p Hp) as (m & Hm & M).
  exists m. split; [exact Hm |]. pose proof (upper_side p lam n delta tau _ Hp HL Hd Ht Hn HF M).
  unfold f.amplification_margin. specialize (HL m Hm).
  replace (zetas lam tau m) with (1 - learnt lam tau m) by (modes; field; lra). lra.
Qed.

(** example: Sigma = I, p = 120, n = 60, delta = 30 has Omega = 0.2586, below n/p and below all shares, and every
    gain is 1.32. *)
Theorem example : exists tau, 0 < tau /\ fixed_point 120 (fun _ => 1) 60 30 tau /\
  2585 / 10000 < omega_at 120 (fun _ => 1) 60 tau < 2587 / 10000 /\
  omega_at 120 (fun _ => 1) 60 tau < 60 / 120 /\ omega_at 120 (fun _ => 1) 60 tau < f.one_minus_zeta 1 tau /\
  1315 / 1000 < f.gain (f.zeta 1 tau) (f.one_minus_zeta 1 tau) (omega_at 120 (fun _ => 1) 60 tau)
    (one_minus_omega_at 120 (fun _ => 1) 60 30 tau) < 1325 / 1000.
Proof.
  pose proof (sqrt_sqrt 17 ltac:(lra)) as R. pose proof (sqrt_pos 17) as P. set (r := sqrt 17) in *.
  assert (A : 4123 / 1000 < r < 4124 / 1000) by (split; nra).
  exists ((3 + r) / 4). set (t := (3 + r) / 4). assert (T : 2 * t * t = 3 * t + 1) by (unfold t; nra).
  assert (TB : 1780 / 1000 < t < 1782 / 1000) by (unfold t; lra).
  assert (N : INR 120 = 120) by (rewrite INR_IZR_INZ; reflexivity). clearbody t.
  assert (O : omega_at 120 (fun _ => 1) 60 t = 2 / ((1 + t) * (1 + t))) by (modes; rewrite Sum_const, N; field; lra).
  assert (C : one_minus_omega_at 120 (fun _ => 1) 60 30 t = 1 - 2 / ((1 + t) * (1 + t))).
  { modes. rewrite Sum_const, N. field_simplify_eq; [nra | split; lra]. }
  split; [lra |]. split.
  { modes. rewrite Sum_const, N. field_simplify_eq; [nra | split; lra]. }
  rewrite C, O. set (q := 2 / ((1 + t) * (1 + t))).
  assert (Q : q * ((1 + t) * (1 + t)) = 2) by (unfold q; field; lra).
  assert (QB : 2585 / 10000 < q < 2587 / 10000) by (clearbody q; split; nra).
  unfold f.one_minus_zeta, f.zeta, f.gain.
  assert (W : 359 / 1000 < 1 / (1 + t) < 360 / 1000) by (split; [apply lt_div_r | apply lt_div_l]; lra).
  replace (t / (1 + t)) with (1 - 1 / (1 + t)) by (field; lra). set (w := 1 / (1 + t)) in *.
  assert (QW : q = 2 * w * w) by (unfold q, w; field; lra). clearbody q w.
  repeat split; try lra.
  - apply lt_div_r; nra.
  - apply lt_div_l; nra.
Qed.
