From KD Require Import Slopes.

(* tau(n) solves (1) at a fixed ridge around n and has a derivative there *)
Definition size_around p lam (tau : R -> R) delta n :=
  (exists eps : posreal, forall u, Rabs (u - n) < eps -> 0 < tau u /\ fixed_point p lam u delta (tau u)) /\ ex_derive tau n.
Lemma slope_of_tau p lam tau delta n : (0 < p)%nat -> positive p lam -> 0 < n -> 0 <= delta -> size_around p lam tau delta n ->
  0 < tau n /\ fixed_point p lam n delta (tau n) /\ is_derive tau n (- tau n / (n * (1 - omega_at p lam n (tau n)))).
Proof.
  intros Hp HL Hn Hd [(eps & HE) [v Hv]].
  destruct (HE n) as [Ht HF]; [rewrite Rminus_diag_eq, Rabs_R0 by reflexivity; apply cond_pos |].
  split; [exact Ht |]. split; [exact HF |]. pose proof (omega_inside p lam n delta _ Hp HL Ht Hn Hd HF) as HO.
  set (t := tau n) in *. set (Om := omega_at p lam n t) in *.
  (* delta = tau (n - sum of shares), along n *)
  assert (R1 : is_derive (fun u => tau u * (u - power_sum 1 p lam (tau u))) n
    (v * (n - power_sum 1 p lam t) + t * (1 - v * (- INR 1 * fallen 1 p lam t / t)))).
  { apply (is_derive_mult tau (fun u => u - power_sum 1 p lam (tau u)) n v); [exact Hv | | exact Rmult_comm].
    apply (is_derive_minus (fun u => u) (fun u => power_sum 1 p lam (tau u)) n 1); [apply is_derive_Reals, derivable_pt_lim_id |].
    apply (is_derive_comp (power_sum 1 p lam) tau n _ v); [apply powers_derive; assumption | exact Hv]. }
  assert (R2 : is_derive (fun u => tau u * (u - power_sum 1 p lam (tau u))) n 0).
  { apply (is_derive_ext_loc (fun _ => delta)); [| apply is_derive_Reals, derivable_pt_lim_const].
    exists eps. intros u B. destruct (HE u B) as [T F]. rewrite <- freedom_sum. symmetry. exact (ridge_of_the_root p lam u delta (tau u) T F). }
  assert (V : v * (n - power_sum 1 p lam t) + t * (1 - v * (- INR 1 * fallen 1 p lam t / t)) = 0)
    by (rewrite <- (is_derive_unique _ _ _ R1); apply is_derive_unique; exact R2).
  assert (O : n * (1 - Om) = n - power_sum 2 p lam t) by (unfold Om; rewrite omega_is; field; lra).
  assert (D : 0 < n * (1 - Om)) by (apply Rmult_lt_0_compat; lra).
  replace (- t / (n * (1 - Om))) with v; [exact Hv |]. rewrite fallen_is in V by assumption. simpl INR in V.
  apply Rmult_eq_reg_r with (n * (1 - Om)); [| lra]. replace (- t / (n * (1 - Om)) * (n * (1 - Om))) with (- t) by (field; split; lra).
  replace (t * (1 - v * (- (1) * (power_sum 1 p lam t - power_sum 2 p lam t) / t)))
    with (t + v * (power_sum 1 p lam t - power_sum 2 p lam t)) in V by (field; lra). rewrite O. lra.
Qed.

(** 11.worth, by n: d log tau/d log n = -1/(1 - Omega), and n times the derivative of (2) by n at a fixed ridge, for any number of modes. *)
Theorem by_n : forall p lam surr beta noise (tau : R -> R) delta n, (0 < p)%nat -> positive p lam -> 0 < n -> 0 <= delta ->
  size_around p lam tau delta n -> let t := tau n in let Om := omega_at p lam n t in
  is_derive (fun u => ln (tau u)) n (- 1 / (1 - Om) / n) /\
  is_derive (fun u => risk_of p lam beta (zetas lam (tau u)) (omega_at p lam u (tau u)) noise surr) n
    (f.risk_by_log_n p lam surr beta (zetas lam t) (learnt lam t) Om (1 - Om) n noise / n).
Proof.
  cbv zeta. intros p lam surr beta noise tau delta n Hp HL Hn Hd HT.
  destruct (slope_of_tau p lam tau delta n Hp HL Hn Hd HT) as (Ht & HF & DT).
  pose proof (omega_inside p lam n delta _ Hp HL Ht Hn Hd HF) as HO. set (t := tau n) in *. set (Om := omega_at p lam n t) in *.
  set (v := - t / (n * (1 - Om))) in *. split.
  { replace (- 1 / (1 - Om) / n) with (v * / t) by (unfold v; field; repeat split; lra).
    apply (is_derive_comp ln tau n (/ t) v); [apply is_derive_ln; exact Ht | exact DT]. }
  set (B := fun i => learnt lam t i * (surr i - beta i) - zetas lam t i * beta i).
  set (G := fun i => zetas lam t i * learnt lam t i / t).
  assert (DZ : forall i, (i < p)%nat -> is_derive (fun u => zetas lam (tau u) i) n (v * G i))
    by (intros i Hi; apply (is_derive_comp (fun t => zetas lam t i) tau n (G i) v); [apply zeta_derive; [apply HL; exact Hi | exact Ht] | exact DT]).
  assert (ZL : forall i, (i < p)%nat -> 1 - zetas lam t i = learnt lam t i)
    by (intros i Hi; specialize (HL i Hi); modes; field; lra).
  assert (D1 : is_derive (fun u => Sum (fun i => lam i * ((1 - zetas lam (tau u) i) * (surr i - beta i) - zetas lam (tau u) i * beta i)
      * ((1 - zetas lam (tau u) i) * (surr i - beta i) - zetas lam (tau u) i * beta i)) p) n
    (- 2 * v * Sum (fun i => lam i * B i * G i * surr i) p)).
  { rewrite <- Sum_scal. apply (Sum_derive (fun i u => lam i * ((1 - zetas lam (tau u) i) * (surr i - beta i) - zetas lam (tau u) i * beta i)
      * ((1 - zetas lam (tau u) i) * (surr i - beta i) - zetas lam (tau u) i * beta i))). intros i Hi.
    pose proof (is_derive_comp (fun z => lam i * ((1 - z) * (surr i - beta i) - z * beta i) * ((1 - z) * (surr i - beta i) - z * beta i))
      (fun u => zetas lam (tau u) i) n (- 2 * lam i * B i * surr i) (v * G i)) as C.
    replace (- 2 * v * (lam i * B i * G i * surr i)) with (v * G i * (- 2 * lam i * B i * surr i)) by ring. apply C; [| exact (DZ i Hi)].
    unfold B. rewrite <- (ZL i Hi). fold t. auto_derive; [trivial | ring]. }
  assert (D2 : is_derive (fun u => Sum (fun i => f.unlearnt_energy (lam i) (surr i) (zetas lam (tau u) i)) p) n
    (2 * v * Sum (fun i => lam i * surr i * surr i * zetas lam t i * G i) p)).
  { rewrite <- Sum_scal. apply (Sum_derive (fun i u => f.unlearnt_energy (lam i) (surr i) (zetas lam (tau u) i))). intros i Hi.
    pose proof (is_derive_comp (fun z => f.unlearnt_energy (lam i) (surr i) z) (fun u => zetas lam (tau u) i) n
      (2 * lam i * surr i * surr i * zetas lam t i) (v * G i)) as C.
    replace (2 * v * (lam i * surr i * surr i * zetas lam t i * G i)) with (v * G i * (2 * lam i * surr i * surr i * zetas lam t i)) by ring.
    apply C; [| exact (DZ i Hi)]. fold t. unfold f.unlearnt_energy. auto_derive; [trivial | ring]. }
  assert (D3 : is_derive (fun u => omega_at p lam u (tau u)) n ((- v * 2 * fallen 2 p lam t / t - Om) / n)).
  { apply (is_derive_ext (fun u => power_sum 2 p lam (tau u) / u)); [intros; symmetry; apply omega_is |].
    replace ((- v * 2 * fallen 2 p lam t / t - Om) / n) with ((v * (- INR 2 * fallen 2 p lam t / t) * n - power_sum 2 p lam t * 1) / n ^ 2)
      by (unfold Om; rewrite omega_is; simpl INR; field; lra).
    apply (is_derive_div (fun u => power_sum 2 p lam (tau u)) (fun u => u)); [| apply is_derive_Reals, derivable_pt_lim_id | lra].
    apply (is_derive_comp (power_sum 2 p lam) tau n _ v); [apply powers_derive; assumption | exact DT]. }
  set (o' := (- v * 2 * fallen 2 p lam t / t - Om) / n) in *.
  assert (D4 : is_derive (fun u => omega_at p lam u (tau u) / (1 - omega_at p lam u (tau u))) n (o' * / (1 - Om) ^ 2)).
  { apply (is_derive_comp (fun o => o / (1 - o)) (fun u => omega_at p lam u (tau u)) n); [fold t; fold Om; auto_derive; [lra | field; lra] | exact D3]. }
  set (U := Sum (fun i => lam i * (zetas lam t i * surr i) * (zetas lam t i * surr i)) p).
  set (X1 := Sum (fun i => lam i * B i * (zetas lam t i * learnt lam t i) * surr i) p) in *.
  set (X2 := Sum (fun i => lam i * surr i * surr i * zetas lam t i * (zetas lam t i * learnt lam t i)) p) in *.
  assert (S1 : Sum (fun i => lam i * B i * G i * surr i) p = / t * X1) by (unfold X1; rewrite <- Sum_scal; termwise; unfold G; field; lra).
  assert (S2 : Sum (fun i => lam i * surr i * surr i * zetas lam t i * G i) p = / t * X2) by (unfold X2; rewrite <- Sum_scal; termwise; unfold G; field; lra).
  rewrite S1 in D1. rewrite S2 in D2.
  replace (f.risk_by_log_n p lam surr beta (zetas lam t) (learnt lam t) Om (1 - Om) n noise / n)
    with (- 2 * v * (/ t * X1) + (o' * / (1 - Om) ^ 2 * (noise + U) + Om / (1 - Om) * (2 * v * (/ t * X2)))).
  - apply (is_derive_plus _ _ n _ _ D1).
    apply (is_derive_mult (fun u => omega_at p lam u (tau u) / (1 - omega_at p lam u (tau u)))
      (fun u => noise + Sum (fun i => f.unlearnt_energy (lam i) (surr i) (zetas lam (tau u) i)) p) n _ _ D4); [| exact Rmult_comm].
    replace (2 * v * (/ t * X2)) with (0 + 2 * v * (/ t * X2)) by ring.
    apply (is_derive_plus (fun _ => noise) _ n 0 _); [apply is_derive_Reals, derivable_pt_lim_const | exact D2].
  - unfold f.risk_by_log_n. fold U. fold B.
    replace (Sum (fun i => lam i * (learnt lam t i * (surr i - beta i) - zetas lam t i * beta i) * (zetas lam t i * learnt lam t i / (1 - Om)) * surr i) p)
      with (/ (1 - Om) * X1) by (unfold X1; rewrite <- Sum_scal; termwise; unfold B; field; lra).
    replace (Sum (fun i => lam i * surr i * surr i * zetas lam t i * (zetas lam t i * learnt lam t i / (1 - Om))) p)
      with (/ (1 - Om) * X2) by (unfold X2; rewrite <- Sum_scal; termwise; field; lra).
    replace (Sum (fun i => 2 * zetas lam t i * learnt lam t i * learnt lam t i / (1 - Om)) p) with (2 / (1 - Om) * fallen 2 p lam t)
      by (unfold fallen; rewrite <- Sum_scal; termwise; field; lra).
    unfold o', v. field. repeat split; lra.
Qed.

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
