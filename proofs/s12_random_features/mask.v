From KD Require Import Features.

(** 12.mask, costs: (17) of a masked teacher is the sum of the costs of kept and of dropped modes. *)
Theorem masked_risk : forall p lam zeta beta Upsilon eta noise M, 0 < Upsilon < 1 ->
  feature_risk_of p lam beta zeta Upsilon eta noise (masked M beta)
  = f.feature_masked_risk p M (signal lam beta) zeta (fun i => 1 - zeta i) (signal lam beta) Upsilon (1 - Upsilon) eta noise.
Proof.
  unfold feature_risk_of. modes. intros p lam zeta beta U eta noise M HU.
  match goal with |- ?a + (?b + ?c) / ?d = ?k + ?e + ?g => replace (a + (b + c) / d) with (a + / d * b + g) by (field; lra) end.
  f_equal. rewrite <- Sum_scal, <- !Sum_plus. termwise. destruct (M i); field; lra.
Qed.

(** 12.mask, rule: the two forms of the threshold are equal, with chi = eta/nu; keeping a mode is cheaper iff it has
    energy and lies below it; and no mask is better than the one that keeps these modes. *)
Theorem rule : forall p lam beta nu Upsilon eta noise, positive p lam -> 0 < nu -> 0 < Upsilon < 1 -> 0 <= eta <= 1 ->
  let zeta := zetas lam nu in
  let margin i := f.feature_keep_margin (zeta i) (1 - zeta i) (1 - Upsilon) eta in
  (forall i, (i < p)%nat ->
    margin i = 1 - Upsilon - zeta i ^ 2 * (1 + eta / nu * lam i) /\
    (f.feature_kept_risk (signal lam beta i) (zeta i) (1 - zeta i) (1 - Upsilon) eta < f.dropped_risk (signal lam beta i)
     <-> beta i <> 0 /\ 0 < margin i)) /\
  (forall M : nat -> bool,
    feature_risk_of p lam beta zeta Upsilon eta noise (fun i => if Rlt_dec 0 (margin i) then beta i else 0)
    <= feature_risk_of p lam beta zeta Upsilon eta noise (masked M beta)).
Proof.
  cbv zeta. intros p lam beta nu U eta noise HL Hn HU He.
  assert (HZ : forall i, (i < p)%nat -> 0 < zetas lam nu i < 1) by (intros i Hi; apply zeta_inside; auto). split.
  - intros i Hi. specialize (HL i Hi). specialize (HZ i Hi). split.
    { unfold zetas. formulas. field. lra. }
    set (z := zetas lam nu i) in *. unfold f.feature_keep_margin, f.feature_kept_risk, f.dropped_risk.
    set (m := z * (z + eta * (1 - z))). set (e := signal lam beta i).
    replace (e * z * (z + eta * (1 - z)) / (1 - U)) with (e * m / (1 - U)) by (unfold m; field; lra).
    assert (E : 0 <= e) by (apply signal_nonneg; exact HL). split.
    + intros Q. assert (B : beta i <> 0).
      { intro B. unfold e, signal in Q. rewrite B in Q. replace (lam i * 0 * 0 * m / (1 - U)) with 0 in Q by (field; lra). lra. }
      split; [exact B |]. pose proof (signal_pos _ _ HL B : 0 < e). apply (Rmult_lt_compat_r (1 - U)) in Q; [| lra].
      unfold Rdiv in Q. rewrite Rmult_assoc, Rinv_l in Q by lra. nra.
    + intros [B Q]. pose proof (signal_pos _ _ HL B : 0 < e). apply lt_div_l; nra.
  - intros M. unfold feature_risk_of, f.feature_risk.
    match goal with |- ?a + (?b + ?x) / ?d <= ?c + (?e + ?x) / ?d =>
      replace (a + (b + x) / d) with (a + / d * b + x / d) by (field; lra);
      replace (c + (e + x) / d) with (c + / d * e + x / d) by (field; lra) end.
    apply Rplus_le_compat_r. rewrite <- !Sum_scal, <- !Sum_plus. apply Sum_le. intros i Hi. specialize (HL i Hi). specialize (HZ i Hi).
    set (z := zetas lam nu i) in *. unfold masked, f.feature_keep_margin. set (m := z * (z + eta * (1 - z))).
    pose proof (signal_nonneg _ (beta i) HL) as S. set (e := lam i * beta i * beta i) in S.
    assert (K : lam i * ((1 - z) * (beta i - beta i) - z * beta i) * ((1 - z) * (beta i - beta i) - z * beta i)
      + / (1 - U) * (lam i * z * (U * z + eta * (1 - z)) * beta i * beta i) = e * (m / (1 - U))) by (unfold e, m; field; lra).
    assert (D : lam i * ((1 - z) * (0 - beta i) - z * beta i) * ((1 - z) * (0 - beta i) - z * beta i)
      + / (1 - U) * (lam i * z * (U * z + eta * (1 - z)) * 0 * 0) = e * 1) by (unfold e; field; lra).
    destruct (Rlt_dec 0 (1 - U - m)) as [Q|Q]; destruct (M i); rewrite ?K, ?D; try lra;
      apply Rmult_le_compat_l; try exact S; [apply le_div_l | apply le_div_r]; lra.
Qed.

(** 12.mask, control of rule: zeta^2 against 1 - Upsilon, as with infinitely many features. *)
Theorem not_without_eta : ~ forall z Upsilon eta, 0 < z < 1 -> 0 < Upsilon < 1 -> 0 <= eta <= 1 ->
  0 < 1 - Upsilon - z * z -> f.feature_kept_risk 1 z (1 - z) (1 - Upsilon) eta < f.dropped_risk 1.
Proof. formulas. intros H. specialize (H (1/2) (1/2) 1). lra. Qed.

(** 12.tail, whole: if the mask drops a mode, it drops every mode of a smaller eigenvalue. *)
Theorem dropped_modes_are_a_tail : forall small large nu Upsilon eta,
  0 < small <= large -> 0 < nu -> 0 <= eta <= 1 ->
  let margin lam := f.feature_keep_margin (f.zeta lam nu) (f.one_minus_zeta lam nu) (1 - Upsilon) eta in
  margin large <= 0 -> margin small <= 0.
Proof.
  cbv beta zeta. intros small large nu U eta HL Hn He.
  assert (Z : forall l, 0 < l -> f.one_minus_zeta l nu = 1 - f.zeta l nu) by (intros; formulas; field; lra).
  rewrite !Z by lra. unfold f.feature_keep_margin.
  assert (f.zeta large nu <= f.zeta small nu) by (unfold f.zeta; apply Rmult_le_compat_l; [lra | apply Rinv_le_contravar; lra]).
  assert (0 < f.zeta large nu) by (unfold f.zeta; apply Rdiv_lt_0_compat; lra).
  set (x := f.zeta large nu) in *. set (y := f.zeta small nu) in *. clearbody x y. intros M.
  assert (0 <= (y - x) * ((1 - eta) * (y + x) + eta)); [| lra].
  apply Rmult_le_pos; [lra |]. assert (0 <= (1 - eta) * (y + x)) by (apply Rmult_le_pos; lra). lra.
Qed.

(** 12.tail, control of whole: the other way round. *)
Theorem not_a_head : ~ forall small large nu Upsilon eta,
  0 < small <= large -> 0 < nu -> 0 <= eta <= 1 ->
  let margin lam := f.feature_keep_margin (f.zeta lam nu) (f.one_minus_zeta lam nu) (1 - Upsilon) eta in
  margin small <= 0 -> margin large <= 0.
Proof. formulas. intros H. specialize (H 1 9 1 (4/5) 0). cbv beta zeta in H. lra. Qed.
