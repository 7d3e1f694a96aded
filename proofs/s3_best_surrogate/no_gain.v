From KD Require Import Modes.

(** isotropic: where all eigenvalues are equal, without ridge, the gain is 1. *)
Theorem isotropic : forall p (l tau n : R), 0 < l -> 0 < tau -> 0 < n -> fixed_point p (fun _ => l) n 0 tau ->
  f.gain (f.zeta l tau) (f.one_minus_zeta l tau) (omega_at p (fun _ => l) n tau) (one_minus_omega_at p (fun _ => l) n 0 tau) = 1.
Proof.
  modes. intros p l tau n Hl Ht Hn HF. rewrite !Sum_const in *. replace (0 / tau) with 0 in * by (field; lra).
  assert (Hp : 0 < INR p) by (destruct (pos_INR p) as [|E]; [assumption | rewrite <- E in HF; lra]).
  assert (E : INR p = n * (l + tau) / l).
  { replace (INR p) with (INR p * (l / (l + tau)) * ((l + tau) / l)) by (field; lra).
    replace (INR p * (l / (l + tau))) with n by lra. field. lra. }
  rewrite E. assert (0 < l * tau) by nra. field. repeat split; try lra.
  assert (0 < tau * l * l + l * tau * tau) by nra. nra.
Qed.

(** n >= p: where the student learns all of its surrogate, only beta* itself has no risk. *)
Theorem many_samples : forall p lam beta surr, positive p lam ->
  f.predictor_risk p lam beta beta <= f.predictor_risk p lam surr beta /\
  (f.predictor_risk p lam beta beta = f.predictor_risk p lam surr beta <-> forall i, (i < p)%nat -> surr i = beta i).
Proof.
  modes. intros p lam beta surr HL. rewrite (Sum_zero (fun i => lam i * (beta i - beta i) * (beta i - beta i))) by (intros; ring).
  assert (N : forall i, (i < p)%nat -> 0 <= lam i * (surr i - beta i) * (surr i - beta i)).
  { intros i Hi. apply sq_nonneg. specialize (HL i Hi). lra. }
  split; [apply Sum_nonneg; exact N |]. split.
  - intros Q i Hi. symmetry in Q. pose proof (Sum_zero_each _ _ N Q i Hi) as Zi. cbv beta in Zi.
    apply sq_zero in Zi; [lra | apply HL; exact Hi].
  - intros Q. symmetry. apply Sum_zero. intros i Hi. rewrite (Q i Hi). ring.
Qed.
