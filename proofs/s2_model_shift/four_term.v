From KD Require Import Modes.

(** eigenbasis: the paper's four terms in the eigenbasis, any number of modes; d is the shift, u what
    (Sigma + tau I)^-1 Sigma leaves of beta*. *)
Theorem four_term : forall p lam beta surr n tau noise, (0 < p)%nat -> positive p lam -> 0 < tau -> 0 < n ->
  omega_at p lam n tau <> 1 ->
  let theta i := lam i / (lam i + tau) in
  let d i := theta i * (surr i - beta i) in
  let u i := (1 - theta i) * beta i in
  let rest := tau ^ 2 * Sum (fun i => (/ (lam i + tau) * sqrt (lam i) * surr i) ^ 2) p in
  let theta2 := 1 / INR p * Sum (fun i => lam i * (/ (lam i + tau) * sqrt (lam i)) ^ 2) p in
  f.four_term_risk (Sum (fun i => lam i * d i * d i) p) (f.gamma_squared (INR p) n (1 - omega_at p lam n tau) rest noise)
    theta2 (Sum (fun i => lam i * u i * u i) p) (Sum (fun i => lam i * u i * d i) p)
  = risk_of p lam beta (zetas lam tau) (omega_at p lam n tau) noise surr.
Proof.
  cbv zeta. intros p lam beta surr n tau noise Hp HL Ht Hn HO. assert (Rp : 0 < INR p) by (apply lt_0_INR; exact Hp).
  set (Om := omega_at p lam n tau) in *. set (t := fun i => lam i / (lam i + tau)).
  assert (HL' : forall i, (i < p)%nat -> 0 < lam i + tau) by (intros i Hi; specialize (HL i Hi); lra).
  set (v := Sum (fun i => lam i * (zetas lam tau i * surr i) * (zetas lam tau i * surr i)) p).
  replace (tau ^ 2 * Sum (fun i => (/ (lam i + tau) * sqrt (lam i) * surr i) ^ 2) p) with v.
  2: { unfold v. rewrite <- Sum_scal. termwise. specialize (HL i Hi). pose proof (sqrt_sqrt (lam i) ltac:(lra)) as S. modes.
       replace ((/ (lam i + tau) * sqrt (lam i) * surr i) ^ 2) with (/ (lam i + tau) * / (lam i + tau) * (sqrt (lam i) * sqrt (lam i)) * surr i * surr i) by ring.
       rewrite S. field. lra. }
  replace (Sum (fun i => lam i * (/ (lam i + tau) * sqrt (lam i)) ^ 2) p) with (n * Om).
  2: { unfold Om. modes. field_simplify; [| lra]. termwise. specialize (HL i Hi). pose proof (sqrt_sqrt (lam i) ltac:(lra)) as S.
       replace ((/ (lam i + tau) * sqrt (lam i)) ^ 2) with (/ (lam i + tau) * / (lam i + tau) * (sqrt (lam i) * sqrt (lam i))) by ring.
       rewrite S. field. lra. }
  unfold risk_of, f.risk, f.four_term_risk, f.gamma_squared. fold v.
  replace (Sum (fun i => lam i * ((1 - zetas lam tau i) * (surr i - beta i) - zetas lam tau i * beta i) * ((1 - zetas lam tau i) * (surr i - beta i) - zetas lam tau i * beta i)) p)
    with (Sum (fun i => lam i * (t i * (surr i - beta i)) * (t i * (surr i - beta i))) p
        + Sum (fun i => lam i * ((1 - t i) * beta i) * ((1 - t i) * beta i)) p
        - 2 * Sum (fun i => lam i * ((1 - t i) * beta i) * (t i * (surr i - beta i))) p).
  2: { rewrite <- Sum_scal, <- Sum_plus, <- Sum_minus. termwise. unfold t. modes. specialize (HL' i Hi). field. lra. }
  unfold t. field. lra.
Qed.
