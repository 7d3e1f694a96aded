From KD Require Import Features.

(** 12.teacher-limit, bias: a student that multiplies the teacher's modes by 1 - zeta_s in [0, 1] misses at least zeta_t of each: its risk,
    with the teacher's variances v, is at least the middle sum. *)
Theorem bias : forall p lam beta zt zs v, positive p lam -> (forall i, (i < p)%nat -> 0 <= zt i <= 1 /\ 0 <= zs i <= 1 /\ 0 <= v i) ->
  Sum (fun i => signal lam beta i * zt i * zt i) p
  <= Sum (fun i => lam i * (f.mode_bias ((1 - zt i) * beta i) (beta i) (zs i) (1 - zs i) ^ 2 + (1 - zs i) ^ 2 * v i)) p.
Proof.
  intros p lam beta zt zs v HL HZ. apply Sum_le. intros i Hi. specialize (HL i Hi). destruct (HZ i Hi) as (T & S & V).
  unfold signal, f.mode_bias. assert (A : 0 <= lam i * ((1 - zs i) ^ 2 * v i)).
  { apply Rmult_le_pos; [lra |]. apply Rmult_le_pos; [apply pow2_ge_0 | exact V]. }
  pose proof (signal_nonneg _ (beta i) HL) as E. set (e := lam i * beta i * beta i) in *.
  assert (B : lam i * ((1 - zs i) * ((1 - zt i) * beta i - beta i) - zs i * beta i) ^ 2
    = e * (zt i + zs i * (1 - zt i)) * (zt i + zs i * (1 - zt i))) by (unfold e; ring).
  rewrite Rmult_plus_distr_l, B. assert (0 <= zs i * (1 - zt i)) by (apply Rmult_le_pos; lra).
  set (w := zs i * (1 - zt i)) in *. assert (zt i * zt i <= (zt i + w) * (zt i + w)) by nra. nra.
Qed.

(** 12.teacher-limit, square: that sum is at least the square of the teacher's risk, which is (17) at Upsilon = 0 and eta = 1, over the
    signal's energy. *)
Theorem square : forall p lam beta zt, positive p lam -> 0 < Sum (signal lam beta) p ->
  let teacher := feature_risk_of p lam beta zt 0 1 0 beta in
  teacher * teacher / Sum (signal lam beta) p <= Sum (fun i => signal lam beta i * zt i * zt i) p.
Proof.
  cbv zeta. intros p lam beta zt HL HS. apply le_div_l; [exact HS |].
  replace (feature_risk_of p lam beta zt 0 1 0 beta) with (Sum (fun i => signal lam beta i * zt i) p).
  - apply Sum_CS_weighted. intros i Hi. apply signal_nonneg, HL, Hi.
  - unfold feature_risk_of, f.feature_risk. replace (1 - 0) with 1 by ring. rewrite Rmult_0_r, Rplus_0_r. unfold Rdiv.
    rewrite Rinv_1, Rmult_1_r, <- Sum_plus. termwise. unfold signal. ring.
Qed.

(** 12.teacher-limit, control of bias: a student that amplifies modes. *)
Theorem not_amplified : ~ forall lam beta zt zs, 0 < lam -> 0 <= zt <= 1 -> -1 <= zs <= 1 ->
  lam * beta * beta * zt * zt <= lam * f.mode_bias ((1 - zt) * beta) beta zs (1 - zs) ^ 2.
Proof. formulas. intros H. specialize (H 1 1 (1/2) (-1) ltac:(lra) ltac:(lra) ltac:(lra)). lra. Qed.
