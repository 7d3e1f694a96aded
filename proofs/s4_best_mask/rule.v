From KD Require Import Modes.

(** costs: (2) of a masked teacher is the sum of the costs of kept and of dropped modes. *)
Theorem masked_risk : forall p lam zeta beta Omega noise M,
  positive p lam -> inside p zeta -> 0 < Omega < 1 ->
  risk_of p lam beta zeta Omega noise (masked M beta)
  = f.masked_risk p M (signal lam beta) zeta (signal lam beta) Omega (1 - Omega) noise.
Proof.
  modes. intros p lam zeta beta Omega noise M HL HZ HO.
  rewrite Rmult_plus_distr_l, <- Sum_scal.
  match goal with |- ?a + (?x + ?b) = ?c + ?d + ?x => replace (a + (x + b)) with ((a + b) + x) by ring end.
  f_equal. rewrite <- !Sum_plus. termwise. destruct (M i); field; lra.
Qed.

(** whole: keeping a mode is cheaper iff it has energy and zeta^2 < 1 - Omega; and no mask is
    better than the one that keeps these modes. *)
Theorem rule : forall p lam zeta beta Omega noise,
  positive p lam -> inside p zeta -> 0 < Omega < 1 ->
  (forall i, (i < p)%nat ->
    (f.kept_risk (signal lam beta i) (zeta i) (1 - Omega) < f.dropped_risk (signal lam beta i)
     <-> beta i <> 0 /\ 0 < f.keep_margin (zeta i) (1 - Omega))) /\
  (forall M : nat -> bool,
    risk_of p lam beta zeta Omega noise
      (fun i => if Rlt_dec 0 (f.keep_margin (zeta i) (1 - Omega)) then beta i else 0)
    <= risk_of p lam beta zeta Omega noise (masked M beta)).
Proof.
  modes. intros p lam zeta beta Omega noise HL HZ HO. split.
  - intros i Hi. specialize (HL i Hi). specialize (HZ i Hi). split.
    + intros Q. assert (B : beta i <> 0).
      { intro B. rewrite B in Q. replace (lam i * 0 * 0 * zeta i * zeta i / (1 - Omega)) with 0 in Q by (field; lra). lra. }
      split; [exact B |]. apply (Rmult_lt_compat_r (1 - Omega)) in Q; [| lra].
      unfold Rdiv in Q. rewrite Rmult_assoc, Rinv_l in Q by lra. pose proof (signal_pos _ _ HL B). nra.
    + intros [B Q]. pose proof (signal_pos _ _ HL B). apply lt_div_l; nra.
  - intros M. rewrite !(Rmult_plus_distr_l (Omega / (1 - Omega))), <- !Sum_scal.
    match goal with |- ?a + (?x + ?b) <= ?c + (?x + ?d) => cut (a + b <= c + d); [lra |] end.
    rewrite <- !Sum_plus. apply Sum_le. intros i Hi. specialize (HL i Hi). specialize (HZ i Hi).
    pose proof (signal_nonneg _ (beta i) HL) as S. set (e := lam i * beta i * beta i) in S.
    assert (K : lam i * ((1 - zeta i) * (beta i - beta i) - zeta i * beta i) * ((1 - zeta i) * (beta i - beta i) - zeta i * beta i)
      + Omega / (1 - Omega) * (lam i * (zeta i * beta i) * (zeta i * beta i)) = e * (zeta i * zeta i / (1 - Omega))) by (unfold e; field; lra).
    assert (D : lam i * ((1 - zeta i) * (0 - beta i) - zeta i * beta i) * ((1 - zeta i) * (0 - beta i) - zeta i * beta i)
      + Omega / (1 - Omega) * (lam i * (zeta i * 0) * (zeta i * 0)) = e * 1) by (unfold e; field; lra).
    destruct (Rlt_dec 0 (1 - Omega - zeta i * zeta i)) as [Q|Q]; destruct (M i); rewrite ?K, ?D; try lra;
      apply Rmult_le_compat_l; try exact S; [apply le_div_l | apply le_div_r]; lra.
Qed.

(** control of whole: zeta in the place of its square. *)
Theorem not_by_zeta : ~ forall p lam zeta beta Omega noise,
  positive p lam -> inside p zeta -> 0 < Omega < 1 ->
  forall M : nat -> bool,
    risk_of p lam beta zeta Omega noise (fun i => if Rlt_dec 0 (1 - Omega - zeta i) then beta i else 0)
    <= risk_of p lam beta zeta Omega noise (masked M beta).
Proof.
  modes. intros H. specialize (H 1%nat (fun _ => 1) (fun _ => 3/5) (fun _ => 1) (1/2) 0).
  assert (Q := H ltac:(intros; lra) ltac:(intros; lra) ltac:(lra) (fun _ => true)). cbn [Sum] in Q.
  destruct (Rlt_dec 0 (1 - 1 / 2 - 3 / 5)); lra.
Qed.
