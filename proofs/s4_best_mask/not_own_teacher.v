From KD Require Import Modes.

(** whole: without noise the student of a masked teacher loses, beside what its teacher loses, the
    cost of the kept modes; so it is never better than its teacher. *)
Theorem not_own_teacher : forall p lam zeta beta Omega (M : nat -> bool),
  positive p lam -> inside p zeta -> 0 < Omega < 1 ->
  risk_of p lam beta zeta Omega 0 (masked M beta)
    = Sum (fun i => if M i then f.kept_risk (signal lam beta i) (zeta i) (1 - Omega) else 0) p
      + f.predictor_risk p lam (masked M beta) beta /\
  f.predictor_risk p lam (masked M beta) beta <= risk_of p lam beta zeta Omega 0 (masked M beta).
Proof.
  modes. intros p lam zeta beta Omega M HL HZ HO.
  assert (E : Sum (fun i => lam i * ((1 - zeta i) * ((if M i then beta i else 0) - beta i) - zeta i * beta i) * ((1 - zeta i) * ((if M i then beta i else 0) - beta i) - zeta i * beta i)) p
    + Omega / (1 - Omega) * (0 + Sum (fun i => lam i * (zeta i * (if M i then beta i else 0)) * (zeta i * (if M i then beta i else 0))) p)
    = Sum (fun i => if M i then lam i * beta i * beta i * zeta i * zeta i / (1 - Omega) else 0) p
      + Sum (fun i => lam i * ((if M i then beta i else 0) - beta i) * ((if M i then beta i else 0) - beta i)) p).
  { rewrite Rplus_0_l, <- Sum_scal, <- !Sum_plus. termwise. destruct (M i); field; lra. }
  rewrite E. split; [reflexivity |].
  assert (0 <= Sum (fun i => if M i then lam i * beta i * beta i * zeta i * zeta i / (1 - Omega) else 0) p); [| lra].
  apply Sum_nonneg. intros i Hi. specialize (HL i Hi). specialize (HZ i Hi). destruct (M i); [| lra].
  apply Rle_mult_inv_pos; [| lra]. apply Rmult_le_pos; [| lra]. apply Rmult_le_pos; [| lra]. apply signal_nonneg; exact HL.
Qed.
