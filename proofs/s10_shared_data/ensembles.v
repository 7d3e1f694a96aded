From KD Require Import Roots.

(** 10.subagging, whole: two members that see k of n samples and share k^2/n have Omega of all n samples at the members' tau;
    at the stated ridge tau is the one root of (1) for n samples; and (13) of two members is then (2) for n samples. *)
Theorem subagging : forall p lam beta surr k n delta tau noise, positive p lam -> (0 < p)%nat -> 0 < k <= n -> 0 <= delta -> 0 < tau ->
  fixed_point p lam k delta tau ->
  let omega := f.shared_omega (Sum (fun i => f.learnt_square (learnt lam tau i)) p) (f.subsample_overlap k n) k k in
  let ridge := f.subagging_ridge tau n (f.degrees_of_freedom p (learnt lam tau)) in
  omega = omega_at p lam n tau /\
  0 <= ridge /\ fixed_point p lam n ridge tau /\ (forall t, 0 < t -> fixed_point p lam n ridge t -> t = tau) /\
  f.crossed_risk p lam surr surr beta (zetas lam tau) (learnt lam tau) (zetas lam tau) (learnt lam tau) omega (1 - omega) noise
  = risk_of p lam beta (zetas lam tau) (omega_at p lam n tau) noise surr.
Proof.
  cbv zeta. intros p lam beta surr k n delta tau noise HL Hp Hk Hd Ht HF.
  assert (O : f.shared_omega (Sum (fun i => f.learnt_square (learnt lam tau i)) p) (f.subsample_overlap k n) k k = omega_at p lam n tau).
  { unfold omega_at, f.shared_omega, f.subsample_overlap, f.omega. field. lra. }
  rewrite O. set (ridge := f.subagging_ridge tau n (f.degrees_of_freedom p (learnt lam tau))).
  apply root_of in HF. unfold left_side in HF. assert (D : 0 <= delta / tau) by (apply Rle_mult_inv_pos; lra).
  assert (R0 : 0 <= ridge).
  { unfold ridge, f.subagging_ridge, f.degrees_of_freedom. change (Sum (fun i => learnt lam tau i) p) with (Sum (learnt lam tau) p).
    apply Rmult_le_pos; lra. }
  assert (RF : fixed_point p lam n ridge tau).
  { apply root_of. unfold left_side, ridge, f.subagging_ridge, f.degrees_of_freedom.
    change (Sum (fun i => learnt lam tau i) p) with (Sum (learnt lam tau) p). field. lra. }
  split; [reflexivity | split; [exact R0 | split; [exact RF | split]]].
  - intros t Ht' Ft. apply (root_unique p lam n ridge); auto.
  - unfold f.crossed_risk, risk_of, f.risk. f_equal. apply Sum_ext. intros i Hi. specialize (HL i Hi).
    replace (learnt lam tau i) with (1 - zetas lam tau i) by (modes; field; lra). reflexivity.
Qed.

(** 10.subagging, control of whole: k in the place of k^2/n as the members' shared samples. *)
Theorem not_all_shared : ~ forall S k n, 0 < S -> 0 < k <= n -> f.shared_omega S k k k = f.omega S n.
Proof. formulas. intros H. specialize (H 1 1 2 ltac:(lra) ltac:(lra)). lra. Qed.
