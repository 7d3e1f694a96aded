From KD Require Import Modes.

(* The risk is a square around the best surrogate, whatever the noise. *)
Lemma risk_square : forall p lam zeta beta surr Omega noise,
  positive p lam -> inside p zeta -> 0 < Omega < 1 ->
  risk_of p lam beta zeta Omega noise surr - risk_of p lam beta zeta Omega noise (best beta zeta Omega)
  = Sum (fun i => lam i * f.mode_curvature (zeta i) (1 - zeta i) Omega (1 - Omega) / (1 - Omega)
      * (surr i - best beta zeta Omega i) * (surr i - best beta zeta Omega i)) p.
Proof.
  modes. intros p lam zeta beta surr Omega noise HL HZ HO.
  repeat rewrite Rmult_plus_distr_l. rewrite <- !Sum_scal.
  match goal with |- ?a + (?x + ?b) - (?c + (?x + ?d)) = ?e =>
    replace (a + (x + b) - (c + (x + d))) with ((a + b) - (c + d)) by ring end.
  rewrite <- !Sum_plus, <- Sum_minus. termwise.
  pose proof (curvature_pos (zeta i) Omega (HZ i Hi) HO). field. lra.
Qed.

(** whole: (4) has the least risk, and is the only surrogate that has it, whatever the noise. *)
Theorem optimal : forall p lam zeta beta surr Omega noise,
  positive p lam -> inside p zeta -> 0 < Omega < 1 ->
  risk_of p lam beta zeta Omega noise (best beta zeta Omega) <= risk_of p lam beta zeta Omega noise surr /\
  (risk_of p lam beta zeta Omega noise (best beta zeta Omega) = risk_of p lam beta zeta Omega noise surr
   <-> forall i, (i < p)%nat -> surr i = best beta zeta Omega i).
Proof.
  intros p lam zeta beta surr Omega noise HL HZ HO.
  pose proof (risk_square p lam zeta beta surr Omega noise HL HZ HO) as E.
  match type of E with _ = Sum ?g p => set (g' := g) in * end.
  assert (C : forall i, (i < p)%nat ->
    0 < lam i * f.mode_curvature (zeta i) (1 - zeta i) Omega (1 - Omega) / (1 - Omega)).
  { intros i Hi. specialize (HL i Hi). pose proof (curvature_pos (zeta i) Omega (HZ i Hi) HO).
    apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; assumption | lra]. }
  assert (N : forall i, (i < p)%nat -> 0 <= g' i).
  { intros i Hi. apply sq_nonneg. left. exact (C i Hi). }
  pose proof (Sum_nonneg _ _ N) as P. split; [lra |]. split.
  - intros Q i Hi. assert (Z : Sum g' p = 0) by lra. pose proof (Sum_zero_each _ _ N Z i Hi) as Zi.
    unfold g' in Zi. apply sq_zero in Zi; [lra | exact (C i Hi)].
  - intros Q. assert (Z : Sum g' p = 0); [| lra]. apply Sum_zero. intros i Hi. unfold g'. rewrite (Q i Hi). ring.
Qed.

(** control of whole: Omega and 1 - Omega exchanged in the surrogate. *)
Theorem not_exchanged : ~ forall p lam zeta beta surr Omega noise,
  positive p lam -> inside p zeta -> 0 < Omega < 1 ->
  risk_of p lam beta zeta Omega noise (best beta zeta (1 - Omega)) <= risk_of p lam beta zeta Omega noise surr.
Proof.
  modes. intros H. specialize (H 1%nat (fun _ => 1) (fun _ => 1/2) (fun _ => 1) (fun _ => 1) (1/4) 0).
  assert (Q := H ltac:(intros; lra) ltac:(intros; lra) ltac:(lra)). cbn [Sum] in Q. lra.
Qed.
