From KD Require Import Modes.

(** whole: (2) at beta* is the classical risk, with zeta and Omega of (1), for any number of modes. *)
Theorem classical : forall p lam beta n delta tau noise, positive p lam -> 0 < tau -> 0 < n -> 0 <= delta ->
  fixed_point p lam n delta tau -> omega_at p lam n tau <> 1 ->
  risk_of p lam beta (zetas lam tau) (omega_at p lam n tau) noise beta
  = f.standard_risk p (signal lam beta) (zetas lam tau) (omega_at p lam n tau) (1 - omega_at p lam n tau) noise.
Proof.
  intros p lam beta n delta tau noise HL Ht Hn Hd HF HO. set (Om := omega_at p lam n tau) in *. set (z := zetas lam tau).
  assert (HC : 1 - Om <> 0) by lra. modes. rewrite Rmult_plus_distr_l, <- Sum_scal.
  match goal with |- ?a + (?x + ?b) = ?c => replace (a + (x + b)) with ((a + b) + x) by ring end. rewrite <- Sum_plus.
  match goal with |- Sum ?g p + _ = _ => assert (E : Sum g p = / (1 - Om) * Sum (fun i => lam i * beta i * beta i * z i * z i) p)
    by (rewrite <- Sum_scal; termwise; field; lra) end.
  rewrite E. field. exact HC.
Qed.

(** control of whole: Omega in the place of 1 - Omega below. *)
Theorem not_over_omega : ~ forall p lam beta zeta Omega noise, positive p lam -> inside p zeta -> 0 < Omega < 1 ->
  risk_of p lam beta zeta Omega noise beta = f.standard_risk p (signal lam beta) zeta Omega Omega noise.
Proof.
  modes. intros H. specialize (H 1%nat (fun _ => 1) (fun _ => 1) (fun _ => 1/2) (1/4) 0).
  assert (Q := H ltac:(intros; lra) ltac:(intros; lra) ltac:(lra)). cbn [Sum] in Q. lra.
Qed.
