From KD Require Import Roots.

(* In the eigenbasis of Sigma, with rows of one scale b = n tau: M has the entries zeta, x'Mx is tr(Sigma M) for every row. *)

(** fixed point: (9) with b = n tau is (1). *)
Theorem fixed_point_of_rows : forall p lam n delta tau, positive p lam -> 0 < n -> 0 < tau ->
  (n * tau = f.row_scale delta (Sum (fun i => lam i * zetas lam tau i) p) <-> fixed_point p lam n delta tau) /\
  forall i, (i < p)%nat -> / (1 + f.row_weight n (n * tau) * lam i) = zetas lam tau i.
Proof.
  intros p lam n delta tau HL Hn Ht. split.
  - assert (E : Sum (fun i => lam i * zetas lam tau i) p = tau * Sum (learnt lam tau) p).
    { rewrite <- Sum_scal. termwise. specialize (HL i Hi). modes. field. lra. }
    rewrite E, root_of. unfold f.row_scale, left_side. split; intros H.
    + apply Rmult_eq_reg_l with tau; [| lra]. rewrite Rmult_plus_distr_l.
      replace (tau * (delta / tau)) with delta by (field; lra). lra.
    + rewrite <- H. field. lra.
  - intros i Hi. specialize (HL i Hi). modes. field. split; lra.
Qed.

(** response: (10) for A = Sigma has the one solution D = M Sigma M/(1 - Omega). *)
Theorem response : forall p lam n tau D, positive p lam -> 0 < n -> 0 < tau -> omega_at p lam n tau <> 1 ->
  ((forall i, (i < p)%nat -> D i = zetas lam tau i * (lam i + f.response_weight n (n * tau) (Sum (fun k => lam k * D k) p) * lam i) * zetas lam tau i)
   <-> forall i, (i < p)%nat -> D i = zetas lam tau i * lam i * zetas lam tau i / (1 - omega_at p lam n tau)).
Proof.
  intros p lam n tau D HL Hn Ht HO. set (Om := omega_at p lam n tau) in *.
  set (m := fun i => zetas lam tau i * lam i * zetas lam tau i).
  assert (S : Sum (fun i => lam i * m i) p = n * tau * tau * Om).
  { unfold Om, omega_at, f.omega. replace (n * tau * tau * (Sum (fun i => f.learnt_square (learnt lam tau i)) p / n))
      with (tau * tau * Sum (fun i => f.learnt_square (learnt lam tau i)) p) by (field; lra).
    rewrite <- Sum_scal. termwise. specialize (HL i Hi). unfold m. modes. field. lra. }
  split; intros H i Hi.
  - set (t := Sum (fun k => lam k * D k) p) in *.
    assert (T : t = n * tau * tau * Om * (1 + n * t / (n * tau) ^ 2)).
    { rewrite <- S. rewrite (Rmult_comm (Sum _ p)), <- Sum_scal. unfold t at 1. termwise. rewrite (H i0 Hi0). unfold m, f.response_weight. ring. }
    assert (T1 : t * (1 - Om) = n * tau * tau * Om).
    { replace (n * tau * tau * Om * (1 + n * t / (n * tau) ^ 2)) with (n * tau * tau * Om + Om * t) in T by (field; lra). lra. }
    rewrite (H i Hi). fold (m i). unfold f.response_weight.
    replace t with (n * tau * tau * Om / (1 - Om)) by (apply Rmult_eq_reg_r with (1 - Om); [rewrite T1; field; lra | lra]).
    unfold m. field. repeat split; lra.
  - assert (T : Sum (fun k => lam k * D k) p = n * tau * tau * Om / (1 - Om)).
    { rewrite (Sum_ext _ (fun k => / (1 - Om) * (lam k * m k))) by (intros k Hk; rewrite (H k Hk); unfold m; field; lra).
      rewrite Sum_scal, S. field. lra. }
    rewrite T, (H i Hi). unfold f.response_weight. field. repeat split; lra.
Qed.

(** risk: (11) for A = Sigma, less twice the crossed part, plus the labels' power, is (2), with theta the surrogate and
    the noise as residual. *)
Theorem risk : forall p lam beta surr n tau noise, positive p lam -> 0 < n -> 0 < tau -> omega_at p lam n tau <> 1 ->
  let z := zetas lam tau in let Om := omega_at p lam n tau in
  let D i := z i * lam i * z i / (1 - Om) in
  f.squared_error
    (Sum (fun i => f.teacher_form (lam i) (lam i * z i) (z i * lam i) (D i) * surr i * surr i) p
      + noise * f.response_weight n (n * tau) (Sum (fun i => lam i * D i) p))
    (Sum (fun i => (1 - z i) * surr i * lam i * beta i) p) (Sum (fun i => lam i * beta i * beta i) p)
  = risk_of p lam beta z Om noise surr.
Proof.
  cbv beta zeta. intros p lam beta surr n tau noise HL Hn Ht HO. set (Om := omega_at p lam n tau) in *. set (z := zetas lam tau).
  assert (S : Sum (fun i => lam i * (z i * lam i * z i / (1 - Om))) p = n * tau * tau * Om / (1 - Om)).
  { unfold Om at 2, omega_at, f.omega. replace (n * tau * tau * (Sum (fun i => f.learnt_square (learnt lam tau i)) p / n) / (1 - Om))
      with (tau * tau / (1 - Om) * Sum (fun i => f.learnt_square (learnt lam tau i)) p) by (field; lra).
    rewrite <- Sum_scal. termwise. specialize (HL i Hi). unfold z. modes. field. split; lra. }
  rewrite S. unfold risk_of, f.risk, f.squared_error, f.teacher_form, f.response_weight.
  replace (noise * (n * (n * tau * tau * Om / (1 - Om)) / (n * tau) ^ 2)) with (Om / (1 - Om) * noise) by (field; lra).
  rewrite Rmult_plus_distr_l, <- !Sum_scal.
  match goal with |- ?a + ?x - ?b + ?c = ?d + (?x + ?e) => replace (a + x - b + c) with ((a - b + c) + x) by ring;
    replace (d + (x + e)) with ((d + e) + x) by ring end.
  f_equal. rewrite <- Sum_minus, <- !Sum_plus. termwise. field. lra.
Qed.

(** covariance: (12) has U = V - theta theta' = n/b^2 (noise + tr(Sigma M V M)) Sigma, whose bracket over n tau^2 is V/n of
    (7): the variance of a coordinate is that of (7). *)
Theorem covariance : forall p lam surr n tau noise s, positive p lam -> 0 < n -> 0 < tau -> omega_at p lam n tau <> 1 ->
  let z := zetas lam tau in
  s = noise + Sum (fun i => lam i * z i * (surr i * surr i + n / (n * tau) ^ 2 * s * lam i) * z i) p ->
  s = f.trained_scale (Sum (fun i => f.unlearnt_energy (lam i) (surr i) (z i)) p) (1 - omega_at p lam n tau) noise /\
  forall i, (i < p)%nat -> z i * (n / (n * tau) ^ 2 * s * lam i) * z i = f.trained_variance s n (learnt lam tau i) (lam i + tau).
Proof.
  cbv zeta. intros p lam surr n tau noise s HL Hn Ht HO E. split.
  - assert (S : Sum (fun i => lam i * zetas lam tau i * (surr i * surr i + n / (n * tau) ^ 2 * s * lam i) * zetas lam tau i) p
      = Sum (fun i => f.unlearnt_energy (lam i) (surr i) (zetas lam tau i)) p + omega_at p lam n tau * s).
    { unfold omega_at, f.omega. replace (Sum (fun i => f.learnt_square (learnt lam tau i)) p / n * s)
        with (s / n * Sum (fun i => f.learnt_square (learnt lam tau i)) p) by (field; lra).
      rewrite <- Sum_scal, <- Sum_plus. termwise. specialize (HL i Hi). modes. field. repeat split; lra. }
    rewrite S in E. unfold f.trained_scale. apply Rmult_eq_reg_r with (1 - omega_at p lam n tau); [| lra].
    unfold Rdiv. rewrite Rmult_assoc, Rinv_l, Rmult_1_r by lra. lra.
  - intros i Hi. specialize (HL i Hi). modes. field. repeat split; lra.
Qed.
