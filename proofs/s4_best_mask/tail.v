From KD Require Import Modes.

(** whole: if the mask drops a mode, it drops every mode of a smaller eigenvalue. *)
Theorem dropped_modes_are_a_tail : forall small large tau Omega,
  0 < small <= large -> 0 < tau ->
  f.keep_margin (f.zeta large tau) (1 - Omega) <= 0 -> f.keep_margin (f.zeta small tau) (1 - Omega) <= 0.
Proof.
  modes. intros small large tau Omega H1 H2 H3.
  assert (tau / (large + tau) <= tau / (small + tau)) by (apply Rmult_le_compat_l; [lra | apply Rinv_le_contravar; lra]).
  assert (0 < tau / (large + tau)) by (apply Rdiv_lt_0_compat; lra). nra.
Qed.

(** control of whole: the other way round. *)
Theorem not_a_head : ~ forall small large tau Omega,
  0 < small <= large -> 0 < tau ->
  f.keep_margin (f.zeta small tau) (1 - Omega) <= 0 -> f.keep_margin (f.zeta large tau) (1 - Omega) <= 0.
Proof. modes. intros H. specialize (H 1 9 1 (4/5)). lra. Qed.
