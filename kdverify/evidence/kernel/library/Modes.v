(* The setting of sections 1 to 4 for any number p of modes, in the names of kdverify.formulas. *)
From KD Require Export Formulas.
From Coq Require Export Classical Bool.

Definition positive (p : nat) (x : nat -> R) := forall i, (i < p)%nat -> 0 < x i.
Definition inside (p : nat) (x : nat -> R) := forall i, (i < p)%nat -> 0 < x i < 1.
Definition equal (p : nat) (x : nat -> R) := forall i j, (i < p)%nat -> (j < p)%nat -> x i = x j.

(* zeta and 1 - zeta of every mode at tau; (1) with the ridge delta; Omega and 1 - Omega *)
Definition zetas (lam : nat -> R) (tau : R) i := f.zeta (lam i) tau.
Definition learnt (lam : nat -> R) (tau : R) i := f.one_minus_zeta (lam i) tau.
Definition fixed_point p lam n delta tau := f.fixed_point_residual p (learnt lam tau) n (delta / tau) = 0.
Definition omega_at p lam n tau := f.omega (Sum (fun i => f.learnt_square (learnt lam tau i)) p) n.
Definition one_minus_omega_at p lam n delta tau :=
  f.one_minus_omega (Sum (fun i => f.spread (zetas lam tau i) (learnt lam tau i)) p) n (delta / tau).

(* (2): the excess risk of the student of a surrogate; the best surrogate (4); a masked one *)
Definition risk_of p lam beta zeta Omega noise surr :=
  f.risk p lam surr beta zeta (fun i => 1 - zeta i) Omega (1 - Omega) noise.
Definition signal (lam beta : nat -> R) i := lam i * beta i * beta i.
Definition best (beta zeta : nat -> R) Omega i :=
  f.optimal_surrogate (beta i) (zeta i) (1 - zeta i) Omega (1 - Omega).
Definition masked (M : nat -> bool) (beta : nat -> R) i := if M i then beta i else 0.

Ltac modes := unfold fixed_point, omega_at, one_minus_omega_at, zetas, learnt, risk_of, best, masked, signal,
  positive, inside, equal in *; formulas.

Lemma curvature_pos zeta Omega : 0 < zeta < 1 -> 0 < Omega < 1 ->
  0 < (1 - Omega) * (1 - zeta) * (1 - zeta) + Omega * zeta * zeta.
Proof. intros. apply Rplus_lt_0_compat; repeat apply Rmult_lt_0_compat; lra. Qed.
Lemma signal_nonneg lam b : 0 < lam -> 0 <= lam * b * b.
Proof. intros. rewrite Rmult_assoc. apply Rmult_le_pos; [lra | exact (Rle_0_sqr b)]. Qed.
Lemma signal_pos lam b : 0 < lam -> b <> 0 -> 0 < lam * b * b.
Proof. intros. rewrite Rmult_assoc. apply Rmult_lt_0_compat; [lra | exact (Rsqr_pos_lt b H0)]. Qed.
