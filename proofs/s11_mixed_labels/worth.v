From KD Require Import Slopes.

(** 11.worth, by share: (2) at the noise (14), along the share of pseudo-labels, for any number of modes. *)
Theorem by_share : forall p lam beta gap zeta Om noise apart w,
  let surr w i := beta i + w * gap i in
  is_derive (fun w => risk_of p lam beta zeta Om (f.two_kinds_noise (1 - w) noise 0 apart) (surr w)) w
    (f.risk_by_share p lam (surr w) beta gap zeta (fun i => 1 - zeta i) Om (1 - Om)
      (- f.two_kinds_noise_by_share (1 - w) noise 0 apart)).
Proof.
  cbv zeta. intros p lam beta gap zeta Om noise apart w.
  unfold risk_of. cbv [f.risk f.risk_by_share]. set (fac := Om / (1 - Om)).
  assert (D1 : is_derive (fun w => Sum (fun i => lam i * ((1 - zeta i) * (beta i + w * gap i - beta i) - zeta i * beta i)
      * ((1 - zeta i) * (beta i + w * gap i - beta i) - zeta i * beta i)) p) w
    (2 * Sum (fun i => lam i * ((1 - zeta i) * (beta i + w * gap i - beta i) - zeta i * beta i) * (1 - zeta i) * gap i) p)).
  { rewrite <- Sum_scal. apply (Sum_derive (fun i w => lam i * ((1 - zeta i) * (beta i + w * gap i - beta i) - zeta i * beta i)
      * ((1 - zeta i) * (beta i + w * gap i - beta i) - zeta i * beta i))). intros i _. auto_derive; [trivial | ring]. }
  assert (D2 : is_derive (fun w => Sum (fun i => lam i * (zeta i * (beta i + w * gap i)) * (zeta i * (beta i + w * gap i))) p) w
    (2 * Sum (fun i => lam i * zeta i * zeta i * (beta i + w * gap i) * gap i) p)).
  { rewrite <- Sum_scal. apply (Sum_derive (fun i w => lam i * (zeta i * (beta i + w * gap i)) * (zeta i * (beta i + w * gap i)))).
    intros i _. auto_derive; [trivial | ring]. }
  assert (D3 : is_derive (fun w => f.two_kinds_noise (1 - w) noise 0 apart) w (- f.two_kinds_noise_by_share (1 - w) noise 0 apart)).
  { unfold f.two_kinds_noise, f.two_kinds_noise_by_share. auto_derive; [trivial | ring]. }
  apply (is_derive_plus _ _ _ _ _ D1). apply (is_derive_scal _ _ fac). exact (is_derive_plus _ _ _ _ _ D3 D2).
Qed.

(** 11.worth, chain: of any law of log n and the share w that is differentiable there, by the real rows r and the pseudo-labels q. *)
Theorem chain : forall (law : R -> R -> R) r q slope tilt, 0 < r -> 0 < q ->
  let n := r + q in let w := q / n in differentiable_pt_lim law (ln n) w slope tilt ->
  is_derive (fun r => law (ln (r + q)) (q / (r + q))) r (f.risk_by_row slope tilt (- w) n) /\
  is_derive (fun q => law (ln (r + q)) (q / (r + q))) q (f.risk_by_row slope tilt (1 - w) n).
Proof.
  cbv zeta. intros law r q slope tilt Hr Hq D. split; apply is_derive_Reals.
  - replace (f.risk_by_row slope tilt (- (q / (r + q))) (r + q)) with (slope * / (r + q) + tilt * (- q / (r + q) ^ 2)) by (unfold f.risk_by_row; field; lra).
    apply (derivable_pt_lim_comp_2d law (fun r => ln (r + q)) (fun r => q / (r + q))); [exact D | |]; apply is_derive_Reals; auto_derive; try lra; field; lra.
  - replace (f.risk_by_row slope tilt (1 - q / (r + q)) (r + q)) with (slope * / (r + q) + tilt * (r / (r + q) ^ 2)) by (unfold f.risk_by_row; field; lra).
    apply (derivable_pt_lim_comp_2d law (fun q => ln (r + q)) (fun q => q / (r + q))); [exact D | |]; apply is_derive_Reals; auto_derive; try lra; field; lra.
Qed.

(** 11.worth, hurts: one more pseudo-label adds to the risk iff what its share adds outweighs what the larger n takes off. *)
Theorem hurts : forall slope tilt w n, 0 < n -> (0 < f.risk_by_row slope tilt (1 - w) n <-> - slope < (1 - w) * tilt).
Proof.
  intros slope tilt w n Hn. unfold f.risk_by_row. split; intros H.
  - assert (E : slope + (1 - w) * tilt = (slope + (1 - w) * tilt) / n * n) by (field; lra).
    assert (0 < (slope + (1 - w) * tilt) / n * n) by (apply Rmult_lt_0_compat; assumption). lra.
  - apply Rdiv_lt_0_compat; lra.
Qed.
