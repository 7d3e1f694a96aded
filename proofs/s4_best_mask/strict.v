From KD Require Import Modes.

(** whole: some mask makes a better student than beta* itself iff some mode with energy has
    zeta^2 > 1 - Omega. *)
Theorem strict : forall p lam zeta beta Omega noise,
  positive p lam -> inside p zeta -> 0 < Omega < 1 ->
  ((exists M : nat -> bool,
      risk_of p lam beta zeta Omega noise (masked M beta) < risk_of p lam beta zeta Omega noise beta)
   <-> exists i, (i < p)%nat /\ beta i <> 0 /\ f.keep_margin (zeta i) (1 - Omega) < 0).
Proof.
  modes. intros p lam zeta beta Omega noise HL HZ HO.
  set (r := fun i s => lam i * ((1 - zeta i) * (s - beta i) - zeta i * beta i) * ((1 - zeta i) * (s - beta i) - zeta i * beta i)
    + Omega / (1 - Omega) * (lam i * (zeta i * s) * (zeta i * s))).
  assert (E : forall s : nat -> R,
    Sum (fun i => lam i * ((1 - zeta i) * (s i - beta i) - zeta i * beta i) * ((1 - zeta i) * (s i - beta i) - zeta i * beta i)) p
    + Omega / (1 - Omega) * (noise + Sum (fun i => lam i * (zeta i * s i) * (zeta i * s i)) p)
    = Sum (fun i => r i (s i)) p + Omega / (1 - Omega) * noise).
  { intros s. unfold r. rewrite Rmult_plus_distr_l, <- Sum_scal, Sum_plus. ring. }
  assert (K : forall i, r i (beta i) = lam i * beta i * beta i * (zeta i * zeta i / (1 - Omega))) by (intros; unfold r; field; lra).
  assert (D : forall i, r i 0 = lam i * beta i * beta i * 1) by (intros; unfold r; field; lra).
  rewrite (E beta). split.
  - intros [M Q]. rewrite (E (fun i => if M i then beta i else 0)) in Q. apply Rplus_lt_reg_r in Q. apply NNPP. intro No.
    apply (Rlt_not_le _ _ Q). apply Sum_le. intros i Hi. destruct (M i); [lra |]. rewrite K, D.
    specialize (HL i Hi). specialize (HZ i Hi).
    destruct (Req_dec (beta i) 0) as [->|B]; [lra |].
    destruct (Rlt_le_dec (1 - Omega - zeta i * zeta i) 0) as [Z|Z]; [exfalso; apply No; eauto |].
    apply Rmult_le_compat_l; [apply signal_nonneg; exact HL | apply le_div_l; lra].
  - intros (j & Hj & B & Z). exists (fun i => negb (Nat.eqb i j)).
    rewrite (E (fun i => if negb (Nat.eqb i j) then beta i else 0)). apply Rplus_lt_compat_r.
    apply (Sum_lt_at _ _ p j); [| exact Hj |].
    + intros i Hi. destruct (Nat.eqb_spec i j) as [->|]; simpl; [| lra]. rewrite K, D. specialize (HL j Hj).
      apply Rmult_le_compat_l; [apply signal_nonneg; exact HL | apply le_div_r; lra].
    + rewrite Nat.eqb_refl. simpl. rewrite K, D. specialize (HL j Hj).
      apply Rmult_lt_compat_l; [apply signal_pos; assumption | apply lt_div_r; lra].
Qed.
