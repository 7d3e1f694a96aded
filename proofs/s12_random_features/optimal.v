From KD Require Import Features.

(* The risk is a square around the best surrogate, whatever the noise. *)
Lemma risk_square : forall p lam zeta beta surr U eta noise, inside p zeta -> 0 < U < 1 -> 0 <= eta ->
  feature_risk_of p lam beta zeta U eta noise surr
  = f.feature_optimal_risk p (signal lam beta) zeta (fun i => 1 - zeta i) U (1 - U) eta noise
    + Sum (fun i => f.feature_transfer_energy (lam i) (zeta i) (1 - zeta i) U (1 - U) eta
      * (surr i - feature_best beta zeta U eta i) * (surr i - feature_best beta zeta U eta i)) p.
Proof.
  intros p lam zeta beta surr U eta noise HZ HU He. unfold feature_risk_of, feature_best, signal.
  unfold f.feature_risk, f.feature_optimal_risk, f.feature_transfer_energy, f.feature_gain.
  match goal with |- ?a + (?b + ?c) / ?d = ?k + ?g + ?e => replace (a + (b + c) / d) with (a + / d * b + g) by (field; lra);
    replace (k + g + e) with (k + e + g) by ring end.
  f_equal. rewrite <- Sum_scal, <- !Sum_plus. termwise.
  pose proof (feature_curvature_pos (zeta i) U eta (HZ i Hi) HU He) as C. unfold f.feature_curvature in C. field. lra.
Qed.

(** square: the stated surrogate has the least risk, and is the only one that has it, whatever the noise. *)
Theorem optimal : forall p lam beta surr nu Upsilon eta noise, positive p lam -> 0 < nu -> 0 < Upsilon < 1 -> 0 <= eta ->
  let zeta := zetas lam nu in let best := feature_best beta zeta Upsilon eta in
  let chi := eta / nu in
  (forall i, (i < p)%nat -> best i = (1 - zeta i) * beta i
    / ((1 - zeta i) ^ 2 + zeta i ^ 2 * ((1 + chi * lam i) / (1 - Upsilon) - 1))) /\
  feature_risk_of p lam beta zeta Upsilon eta noise best <= feature_risk_of p lam beta zeta Upsilon eta noise surr /\
  (feature_risk_of p lam beta zeta Upsilon eta noise best = feature_risk_of p lam beta zeta Upsilon eta noise surr
   <-> forall i, (i < p)%nat -> surr i = best i).
Proof.
  cbv zeta. intros p lam beta surr nu U eta noise HL Hn HU He. set (zeta := zetas lam nu).
  assert (HZ : inside p zeta) by (intros i Hi; apply zeta_inside; auto). split.
  - intros i Hi. specialize (HL i Hi). specialize (HZ i Hi). unfold feature_best.
    pose proof (feature_curvature_pos (zeta i) U eta HZ HU He) as C. unfold f.feature_curvature in C. unfold f.feature_gain.
    replace ((1 - zeta i) ^ 2 + zeta i ^ 2 * ((1 + eta / nu * lam i) / (1 - U) - 1))
      with (((1 - U) * (1 - zeta i) * (1 - zeta i) + zeta i * (U * zeta i + eta * (1 - zeta i))) / (1 - U)); [field; lra |].
    unfold zeta, zetas, f.zeta. field. lra.
  - set (best := feature_best beta zeta U eta).
    rewrite (risk_square p lam zeta beta best U eta noise HZ HU He), (risk_square p lam zeta beta surr U eta noise HZ HU He).
    fold best. rewrite (Sum_zero (fun i => _ * (best i - best i) * _)) by (intros; ring).
    match goal with |- context [Sum ?h p] => match h with context [surr] => set (q := h) in * end end.
    assert (C : forall i, (i < p)%nat -> 0 < f.feature_transfer_energy (lam i) (zeta i) (1 - zeta i) U (1 - U) eta).
    { intros i Hi. pose proof (feature_curvature_pos (zeta i) U eta (HZ i Hi) HU He). unfold f.feature_transfer_energy.
      specialize (HL i Hi). apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; assumption | lra]. }
    assert (N : forall i, (i < p)%nat -> 0 <= q i) by (intros i Hi; apply sq_nonneg; left; exact (C i Hi)).
    pose proof (Sum_nonneg _ _ N) as P. split; [lra |]. split.
    + intros Q i Hi. assert (Z : Sum q p = 0) by lra. pose proof (Sum_zero_each _ _ N Z i Hi) as Zi.
      unfold q in Zi. apply sq_zero in Zi; [lra | exact (C i Hi)].
    + intros Q. assert (Z : Sum q p = 0); [| lra]. apply Sum_zero. intros i Hi. unfold q. rewrite (Q i Hi). ring.
Qed.

(** improvement: the best surrogate's risk and that of strong labels are sums over the modes, whose terms have the stated
    quotient, and the same noise. *)
Theorem improvement : forall p lam beta zeta Upsilon eta noise, positive p lam -> inside p zeta -> 0 < Upsilon < 1 -> 0 <= eta ->
  let term i := f.feature_kept_risk (signal lam beta i) (zeta i) (1 - zeta i) (1 - Upsilon) eta in
  let added := f.variance_factor Upsilon (1 - Upsilon) * noise in
  feature_risk_of p lam beta zeta Upsilon eta noise beta = Sum term p + added /\
  feature_risk_of p lam beta zeta Upsilon eta noise (feature_best beta zeta Upsilon eta)
    = Sum (fun i => f.feature_improvement (zeta i) (1 - zeta i) Upsilon (1 - Upsilon) eta * term i) p + added.
Proof.
  cbv zeta. intros p lam beta zeta U eta noise HL HZ HU He. split.
  - unfold feature_risk_of, f.feature_risk, f.feature_kept_risk, f.variance_factor, signal.
    match goal with |- ?a + (?b + ?c) / ?d = ?k + ?g => replace (a + (b + c) / d) with (a + / d * b + g) by (field; lra) end.
    f_equal. rewrite <- Sum_scal, <- Sum_plus. termwise. field. lra.
  - rewrite (risk_square p lam zeta beta _ U eta noise HZ HU He).
    rewrite (Sum_zero (fun i => _ * (feature_best beta zeta U eta i - feature_best beta zeta U eta i) * _)) by (intros; ring).
    unfold f.feature_optimal_risk, f.feature_improvement, f.feature_kept_risk, f.variance_factor. rewrite Rplus_0_r.
    f_equal. termwise. pose proof (feature_curvature_pos (zeta i) U eta (HZ i Hi) HU He) as C. unfold f.feature_curvature in C.
    specialize (HZ i Hi). assert (0 <= eta * (1 - zeta i)) by (apply Rmult_le_pos; lra). field. lra.
Qed.

(** bounds: without noise the best risk is at most that of strong labels, and at least min(Upsilon, 1 - Upsilon) of it. *)
Theorem bounds : forall p lam beta zeta Upsilon eta, positive p lam -> inside p zeta -> 0 < Upsilon < 1 -> 0 <= eta <= 1 ->
  let strong := feature_risk_of p lam beta zeta Upsilon eta 0 beta in
  Rmin Upsilon (1 - Upsilon) * strong <= feature_risk_of p lam beta zeta Upsilon eta 0 (feature_best beta zeta Upsilon eta) <= strong.
Proof.
  cbv zeta. intros p lam beta zeta U eta HL HZ HU He.
  destruct (improvement p lam beta zeta U eta 0 HL HZ HU (proj1 He)) as [-> ->]. rewrite !Rmult_0_r, !Rplus_0_r, <- Sum_scal.
  assert (B : forall i, (i < p)%nat -> Rmin U (1 - U) <= f.feature_improvement (zeta i) (1 - zeta i) U (1 - U) eta <= 1 /\
    0 <= f.feature_kept_risk (signal lam beta i) (zeta i) (1 - zeta i) (1 - U) eta).
  { intros i Hi. specialize (HZ i Hi). specialize (HL i Hi). pose proof (feature_curvature_pos (zeta i) U eta HZ HU (proj1 He)) as C.
    pose proof (signal_nonneg _ (beta i) HL) as S. unfold f.feature_improvement, f.feature_kept_risk, signal.
    unfold f.feature_curvature in C. set (z := zeta i) in *. set (k := (1 - U) * (1 - z) * (1 - z) + z * (U * z + eta * (1 - z))) in *.
    assert (H : 0 <= eta * (1 - z) <= 1 - z) by nra. set (h := eta * (1 - z)) in *.
    assert (P : 0 < (z + h) * k) by (apply Rmult_lt_0_compat; lra).
    split; [split |].
    - apply le_div_r; [exact P |]. apply Rle_trans with ((1 - U) * (U * (z + h))).
      + assert (k <= Rmax U (1 - U)).
        { assert (0 <= z * h) by (apply Rmult_le_pos; lra). assert (z * h <= z * (1 - z)) by (apply Rmult_le_compat_l; lra).
          unfold k. unfold Rmax. destruct (Rle_dec U (1 - U)); nra. }
        assert (Q : Rmin U (1 - U) * Rmax U (1 - U) = U * (1 - U)) by (unfold Rmin, Rmax; destruct (Rle_dec U (1 - U)); ring).
        assert (0 < Rmin U (1 - U)) by (apply Rmin_glb_lt; lra).
        replace ((1 - U) * (U * (z + h))) with (Rmin U (1 - U) * Rmax U (1 - U) * (z + h)) by (rewrite Q; ring).
        replace (Rmin U (1 - U) * ((z + h) * k)) with (Rmin U (1 - U) * k * (z + h)) by ring.
        apply Rmult_le_compat_r; [lra |]. apply Rmult_le_compat_l; lra.
      + apply Rmult_le_compat_l; [lra |]. assert (U * h <= h) by nra. lra.
    - apply le_div_l; [exact P |]. rewrite Rmult_1_l.
      replace ((z + h) * k) with ((1 - U) * (U * z + h) + (z + h) * k - (1 - U) * (U * z + h)) by ring.
      assert (0 <= (z + h) * k - (1 - U) * (U * z + h)); [| lra].
      replace ((z + h) * k - (1 - U) * (U * z + h)) with (z * ((1 - z) * (1 - U) - (U * z + h)) * ((1 - z) * (1 - U) - (U * z + h)))
        by (unfold k; ring). apply sq_nonneg. lra.
    - apply Rle_mult_inv_pos; [| lra]. apply Rmult_le_pos; [apply Rmult_le_pos |]; lra. }
  split; apply Sum_le; intros i Hi; destruct (B i Hi) as [[B1 B2] B3].
  - apply Rmult_le_compat_r; assumption.
  - rewrite <- (Rmult_1_l (f.feature_kept_risk _ _ _ _ _)) at 2. apply Rmult_le_compat_r; assumption.
Qed.

(** control of bounds: at least half of it. *)
Theorem not_half : ~ forall zeta Upsilon eta, 0 < zeta < 1 -> 0 < Upsilon < 1 -> 0 <= eta <= 1 ->
  1 / 2 <= f.feature_improvement zeta (1 - zeta) Upsilon (1 - Upsilon) eta.
Proof. formulas. intros H. specialize (H (1/10) (1/100) 0 ltac:(lra) ltac:(lra) ltac:(lra)). lra. Qed.
