From KD Require Import Slopes.

(* kappa^2 and the best risk (5) as functions of tau at n samples; S_k is power_sum k *)
Definition scale_at p lam n t := f.surrogate_scale t (power_sum 2 p lam t) (n - power_sum 2 p lam t).
Definition margin_at p lam n t := f.scale_margin (power_sum 2 p lam t) (power_sum 3 p lam t) n.
Definition best_risk p lam beta n noise t :=
  f.optimal_risk p (signal lam beta) (zetas lam t) (learnt lam t) (omega_at p lam n t) (1 - omega_at p lam n t) noise.

Lemma scale_pos p lam n t : (0 < p)%nat -> positive p lam -> 0 < t -> power_sum 2 p lam t < n -> 0 < scale_at p lam n t.
Proof.
  intros Hp HL Ht HS. pose proof (powers_pos 2 p lam t Hp HL Ht). unfold scale_at, f.surrogate_scale.
  apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat |]; assumption | lra].
Qed.
Lemma best_is p lam beta n noise t : (0 < p)%nat -> positive p lam -> 0 < t -> 0 < n -> power_sum 2 p lam t < n ->
  best_risk p lam beta n noise t
  = Sum (fun i => signal lam beta i * f.optimal_share (lam i) (scale_at p lam n t)) p + power_sum 2 p lam t / (n - power_sum 2 p lam t) * noise.
Proof.
  intros Hp HL Ht Hn HS. pose proof (scale_pos p lam n t Hp HL Ht HS) as K. pose proof (powers_pos 2 p lam t Hp HL Ht) as P.
  unfold best_risk, f.optimal_risk. rewrite omega_is. unfold scale_at, f.surrogate_scale, f.optimal_share in *. set (S := power_sum 2 p lam t) in *.
  clearbody S. f_equal; [| field; lra]. rewrite <- Sum_scal. termwise. specialize (HL i Hi). unfold zetas, learnt, f.zeta, f.one_minus_zeta.
  assert (0 < lam i * lam i * (n - S)) by (apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat |]; lra).
  assert (0 < t * t * S) by (apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat |]; lra).
  field. repeat split; nra.
Qed.

(** scale: without noise the best risk depends on n and the ridge through kappa^2 alone, in the stated form. *)
Theorem scale : forall p lam beta n delta tau, (0 < p)%nat -> positive p lam -> 0 < tau -> 0 < n -> 0 <= delta -> fixed_point p lam n delta tau ->
  let Om := omega_at p lam n tau in
  scale_at p lam n tau = tau ^ 2 * Om / (1 - Om) /\
  best_risk p lam beta n 0 tau = Sum (fun i => signal lam beta i * f.optimal_share (lam i) (scale_at p lam n tau)) p.
Proof.
  cbv zeta. intros p lam beta n delta t Hp HL Ht Hn Hd HF. pose proof (omega_inside p lam n delta t Hp HL Ht Hn Hd HF) as HO.
  rewrite omega_is in *. assert (S : power_sum 2 p lam t < n).
  { destruct HO as [_ O]. apply (Rmult_lt_compat_r n) in O; [| exact Hn]. unfold Rdiv in O. rewrite Rmult_assoc, Rinv_l in O by lra. lra. }
  split; [unfold scale_at, f.surrogate_scale; field; lra |]. rewrite best_is by assumption. ring.
Qed.

Lemma scale_derive p lam n t : (0 < p)%nat -> positive p lam -> 0 < t -> 0 < n -> power_sum 2 p lam t < n ->
  is_derive (scale_at p lam n) t (2 * t * margin_at p lam n t / (n - power_sum 2 p lam t) ^ 2).
Proof.
  intros Hp HL Ht Hn HS. pose proof (powers_derive 1 p lam t HL Ht) as D. rewrite fallen_is in D by assumption.
  unfold scale_at, margin_at, f.surrogate_scale, f.scale_margin. set (S := power_sum 2 p lam t) in *. set (C := power_sum 3 p lam t) in *.
  replace (2 * t * (n * C - S * S) / (n - S) ^ 2)
    with (((2 * t * S + t * t * (- INR 2 * (S - C) / t)) * (n - S) - t * t * S * (0 - - INR 2 * (S - C) / t)) / (n - S) ^ 2) by (simpl INR; field; lra).
  apply (is_derive_div (fun t => t * t * power_sum 2 p lam t) (fun t => n - power_sum 2 p lam t) t); [| | fold S; lra].
  - apply (is_derive_mult (fun t => t * t) (power_sum 2 p lam) t); [auto_derive; [trivial | ring] | exact D | exact Rmult_comm].
  - apply (is_derive_minus (fun _ => n) (power_sum 2 p lam) t 0); [apply is_derive_Reals, derivable_pt_lim_const | exact D].
Qed.

(** margin: kappa^2 has a derivative by the ridge, whose sign is that of n S_3 - S_2^2. *)
Theorem margin : forall p lam n (tau : R -> R) delta, (0 < p)%nat -> positive p lam -> 0 < n -> 0 <= delta -> root_around p lam n tau delta ->
  let t := tau delta in
  exists slope factor : R, is_derive (fun d => scale_at p lam n (tau d)) delta slope /\ 0 < factor /\ slope = factor * margin_at p lam n t /\
  (0 <= slope <-> (Sum (fun i => learnt lam t i ^ 2) p) ^ 2 <= n * Sum (fun i => learnt lam t i ^ 3) p).
Proof.
  cbv zeta. intros p lam n tau delta Hp HL Hn Hd HR. destruct (root_at p lam n tau delta HR) as [Ht HF].
  pose proof (omega_inside p lam n delta _ Hp HL Ht Hn Hd HF) as HO. rewrite omega_is in HO.
  assert (S : power_sum 2 p lam (tau delta) < n).
  { destruct HO as [_ O]. apply (Rmult_lt_compat_r n) in O; [| exact Hn]. unfold Rdiv in O. rewrite Rmult_assoc, Rinv_l in O by lra. lra. }
  pose proof (scale_derive p lam n _ Hp HL Ht Hn S) as D. apply (along_ridge p lam n tau delta _ _ Hp HL Hn Hd HR) in D.
  rewrite omega_is in D. set (t := tau delta) in *. set (m := margin_at p lam n t) in *.
  assert (P : 0 < (n - power_sum 2 p lam t) ^ 3) by (apply pow_lt; lra).
  exists (2 * t * m / (n - power_sum 2 p lam t) ^ 2 / (n * (1 - power_sum 2 p lam t / n))), (2 * t / (n - power_sum 2 p lam t) ^ 3).
  assert (F : 0 < 2 * t / (n - power_sum 2 p lam t) ^ 3) by (apply Rdiv_lt_0_compat; lra).
  assert (E : 2 * t * m / (n - power_sum 2 p lam t) ^ 2 / (n * (1 - power_sum 2 p lam t / n)) = 2 * t / (n - power_sum 2 p lam t) ^ 3 * m).
  { field. lra. }
  split; [exact D | split; [exact F | split; [exact E |]]]. rewrite E. unfold m, margin_at, f.scale_margin.
  change (Sum (fun i => learnt lam t i ^ 2) p) with (power_sum 2 p lam t). change (Sum (fun i => learnt lam t i ^ 3) p) with (power_sum 3 p lam t).
  set (a := power_sum 2 p lam t) in *. set (b := power_sum 3 p lam t). set (q := 2 * t / (n - a) ^ 3) in *. clearbody q a b. split; intros Q.
  - destruct (Rle_lt_dec (a ^ 2) (n * b)) as [L|L]; [exact L | exfalso]. assert (0 < q * (a ^ 2 - n * b)) by (apply Rmult_lt_0_compat; lra). lra.
  - apply Rmult_le_pos; lra.
Qed.

Lemma cauchy_schwarz p lam t : positive p lam -> 0 < t -> power_sum 2 p lam t * power_sum 2 p lam t <= power_sum 3 p lam t * power_sum 1 p lam t.
Proof.
  intros HL Ht. unfold power_sum.
  rewrite (Sum_ext (fun i => learnt lam t i ^ 2) (fun i => learnt lam t i * learnt lam t i)) by (intros; ring).
  rewrite (Sum_ext (fun i => learnt lam t i ^ 3) (fun i => learnt lam t i * learnt lam t i * learnt lam t i)) by (intros; ring).
  rewrite (Sum_ext (fun i => learnt lam t i ^ 1) (learnt lam t)) by (intros; ring).
  apply Sum_CS_weighted. intros i Hi. pose proof (share_inside lam t i (HL i Hi) Ht). lra.
Qed.

(** not negative: that is so for every ridge that is not negative, any number of modes. *)
Theorem not_negative : forall p lam n delta tau, positive p lam -> 0 < tau -> 0 < n -> 0 <= delta -> fixed_point p lam n delta tau ->
  0 <= margin_at p lam n tau.
Proof.
  intros p lam n delta t HL Ht Hn Hd HF. apply root_of in HF. unfold left_side in HF. assert (D : 0 <= delta / t) by (apply Rle_mult_inv_pos; lra).
  pose proof (cauchy_schwarz p lam t HL Ht) as C. unfold margin_at, f.scale_margin.
  assert (E : power_sum 1 p lam t = Sum (learnt lam t) p) by (unfold power_sum; apply Sum_ext; intros; ring).
  assert (P : 0 <= power_sum 3 p lam t).
  { apply Sum_nonneg. intros i Hi. apply pow_le. pose proof (share_inside lam t i (HL i Hi) Ht). lra. }
  assert (power_sum 3 p lam t * power_sum 1 p lam t <= power_sum 3 p lam t * n) by (apply Rmult_le_compat_l; lra). lra.
Qed.

(** strict: without a ridge it is 0 iff all eigenvalues are equal, so that otherwise kappa^2 rises there and a negative
    ridge is better still. *)
Theorem strict : forall p lam n tau, (0 < p)%nat -> positive p lam -> 0 < tau -> 0 < n -> fixed_point p lam n 0 tau ->
  (margin_at p lam n tau = 0 <-> equal p lam).
Proof.
  intros p lam n t Hp HL Ht Hn HF. apply root_of in HF. unfold left_side in HF. replace (0 / t) with 0 in HF by (field; lra).
  assert (E : power_sum 1 p lam t = n) by (rewrite <- HF; unfold power_sum; rewrite Rplus_0_r; apply Sum_ext; intros; ring).
  set (c := power_sum 2 p lam t / n).
  assert (G : margin_at p lam n t = n * Sum (fun i => learnt lam t i * (learnt lam t i - c) * (learnt lam t i - c)) p).
  { unfold margin_at, f.scale_margin.
    replace (Sum (fun i => learnt lam t i * (learnt lam t i - c) * (learnt lam t i - c)) p)
      with (power_sum 3 p lam t - 2 * c * power_sum 2 p lam t + c * c * power_sum 1 p lam t)
      by (unfold power_sum; rewrite <- !Sum_scal, <- Sum_minus, <- Sum_plus; apply Sum_ext; intros; ring).
    rewrite E. unfold c. field. lra. }
  assert (N : forall i, (i < p)%nat -> 0 <= learnt lam t i * (learnt lam t i - c) * (learnt lam t i - c)).
  { intros i Hi. apply sq_nonneg. pose proof (share_inside lam t i (HL i Hi) Ht). lra. }
  rewrite G. split; intros H.
  - apply Rmult_integral in H as [H|H]; [lra |]. intros i j Hi Hj.
    assert (Z : forall k, (k < p)%nat -> learnt lam t k = c).
    { intros k Hk. pose proof (Sum_zero_each _ _ N H k Hk) as Q. apply sq_zero in Q; [lra |]. apply share_inside; auto. }
    pose proof (Z i Hi) as Qi. rewrite <- (Z j Hj) in Qi. pose proof (HL i Hi). pose proof (HL j Hj). unfold learnt, f.one_minus_zeta in Qi.
    apply (f_equal (fun x => x * (lam i + t) * (lam j + t))) in Qi. field_simplify in Qi; [nra | lra | lra].
  - rewrite Sum_zero; [ring |]. intros i Hi. assert (Q : learnt lam t i = c); [| rewrite Q; ring].
    unfold c. rewrite <- E. unfold power_sum. rewrite (Sum_ext _ (fun _ => learnt lam t i ^ 2)), (Sum_ext (fun k => learnt lam t k ^ 1) (fun _ => learnt lam t i)).
    + rewrite !Sum_const. assert (0 < INR p) by (apply lt_0_INR; exact Hp). pose proof (share_inside lam t i (HL i Hi) Ht). field. lra.
    + intros k Hk. unfold learnt. rewrite (H k i Hk Hi). ring.
    + intros k Hk. unfold learnt. rewrite (H k i Hk Hi). reflexivity.
Qed.

(** condition: with noise the best risk has a derivative by the ridge, whose sign is that of the condition with one more
    term, of the other sign. *)
Theorem condition : forall p lam beta n noise (tau : R -> R) delta, (0 < p)%nat -> positive p lam -> 0 < n -> 0 <= delta -> root_around p lam n tau delta ->
  let t := tau delta in let S2 := power_sum 2 p lam t in
  exists factor : R, 0 < factor /\ is_derive (fun d => best_risk p lam beta n noise (tau d)) delta
    (factor * f.surrogate_ridge_condition p lam (signal lam beta) t S2 (power_sum 3 p lam t) n (n - S2) noise).
Proof.
  cbv zeta. intros p lam beta n noise tau delta Hp HL Hn Hd HR. destruct (root_at p lam n tau delta HR) as [Ht HF].
  pose proof (omega_inside p lam n delta _ Hp HL Ht Hn Hd HF) as HO. rewrite omega_is in HO.
  assert (S : power_sum 2 p lam (tau delta) < n).
  { destruct HO as [_ O]. apply (Rmult_lt_compat_r n) in O; [| exact Hn]. unfold Rdiv in O. rewrite Rmult_assoc, Rinv_l in O by lra. lra. }
  pose proof (scale_derive p lam n _ Hp HL Ht Hn S) as DK. pose proof (powers_derive 1 p lam _ HL Ht) as DS. rewrite fallen_is in DS by assumption.
  pose proof (scale_pos p lam n _ Hp HL Ht S) as PK.
  set (law := fun t => Sum (fun i => signal lam beta i * f.optimal_share (lam i) (scale_at p lam n t)) p + power_sum 2 p lam t / (n - power_sum 2 p lam t) * noise).
  assert (D : is_derive law (tau delta) (2 / (tau delta * (n - power_sum 2 p lam (tau delta)) ^ 2)
    * f.surrogate_ridge_condition p lam (signal lam beta) (tau delta) (power_sum 2 p lam (tau delta)) (power_sum 3 p lam (tau delta)) n (n - power_sum 2 p lam (tau delta)) noise)).
  { set (t := tau delta) in *. unfold law, f.surrogate_ridge_condition.
    set (Q := Sum (fun i => signal lam beta i * lam i * lam i / ((lam i * lam i + t * t * power_sum 2 p lam t / (n - power_sum 2 p lam t)) * (lam i * lam i + t * t * power_sum 2 p lam t / (n - power_sum 2 p lam t)))) p).
    set (dk := 2 * t * margin_at p lam n t / (n - power_sum 2 p lam t) ^ 2) in *.
    set (a := power_sum 2 p lam t) in *. set (b := power_sum 3 p lam t) in *.
    replace (2 / (t * (n - a) ^ 2) * (t * t * (n * b - a * a) * Q - n * noise * (a - b)))
      with (dk * Q + noise * ((- INR 2 * (a - b) / t * (n - a) - a * (0 - - INR 2 * (a - b) / t)) / (n - a) ^ 2))
      by (unfold dk, margin_at, f.scale_margin; fold a b; simpl INR; field; lra).
    apply (is_derive_plus (fun t => Sum (fun i => signal lam beta i * f.optimal_share (lam i) (scale_at p lam n t)) p) (fun t => power_sum 2 p lam t / (n - power_sum 2 p lam t) * noise) t).
    - unfold Q. rewrite <- Sum_scal. apply (Sum_derive (fun i t => signal lam beta i * f.optimal_share (lam i) (scale_at p lam n t))). intros i Hi. specialize (HL i Hi).
      change (t * t * a / (n - a)) with (scale_at p lam n t). set (k := scale_at p lam n t) in *.
      assert (PL : 0 < lam i * lam i + k) by (assert (0 < lam i * lam i) by (apply Rmult_lt_0_compat; lra); lra).
      assert (DF : is_derive (fun x => signal lam beta i * f.optimal_share (lam i) x) k (signal lam beta i * lam i * lam i / ((lam i * lam i + k) * (lam i * lam i + k)))).
      { unfold f.optimal_share. auto_derive; [lra |]. field. lra. }
      exact (is_derive_comp (fun x => signal lam beta i * f.optimal_share (lam i) x) (scale_at p lam n) t _ dk DF DK).
    - apply (is_derive_ext (fun t => noise * (power_sum 2 p lam t / (n - power_sum 2 p lam t)))); [intros; apply Rmult_comm |].
      apply (is_derive_scal (fun t => power_sum 2 p lam t / (n - power_sum 2 p lam t)) t noise).
      apply (is_derive_div (power_sum 2 p lam) (fun t => n - power_sum 2 p lam t) t); [exact DS | | fold a; lra].
      apply (is_derive_minus (fun _ => n) (power_sum 2 p lam) t 0); [apply is_derive_Reals, derivable_pt_lim_const | exact DS]. }
  apply (along_ridge p lam n tau delta _ _ Hp HL Hn Hd HR) in D. rewrite omega_is in D. set (t := tau delta) in *. set (a := power_sum 2 p lam t) in *.
  assert (P3 : 0 < (n - a) ^ 3) by (apply pow_lt; lra).
  exists (2 / (t * (n - a) ^ 3)). split; [apply Rdiv_lt_0_compat; [lra | apply Rmult_lt_0_compat; assumption] |].
  replace (2 / (t * (n - a) ^ 3) * f.surrogate_ridge_condition p lam (signal lam beta) t a (power_sum 3 p lam t) n (n - a) noise)
    with (2 / (t * (n - a) ^ 2) * f.surrogate_ridge_condition p lam (signal lam beta) t a (power_sum 3 p lam t) n (n - a) noise / (n * (1 - a / n)))
    by (set (c := f.surrogate_ridge_condition _ _ _ _ _ _ _ _ _); clearbody c; field; lra).
  apply (is_derive_ext_loc (fun d => law (tau d))); [| exact D].
  (* S_2 stays below n around: the ridge is positive there or 0, so that it is below for every tau near *)
  assert (CT : continuous tau delta) by (apply (ex_derive_continuous tau); apply HR).
  assert (CS : continuous (power_sum 2 p lam) t) by (apply (ex_derive_continuous (power_sum 2 p lam)); eexists; exact DS).
  assert (CC : continuous (fun d => power_sum 2 p lam (tau d)) delta) by (apply (continuous_comp tau (power_sum 2 p lam)); assumption).
  destruct (HR) as [(eps & HE) _].
  assert (L : locally delta (fun d => power_sum 2 p lam (tau d) < n)) by (apply (CC (fun y => y < n)); apply (open_lt n); exact S).
  destruct L as (eta & L). assert (M : 0 < Rmin eps eta) by (apply Rmin_glb_lt; apply cond_pos).
  exists (mkposreal _ M). intros d B. symmetry. unfold law. simpl in B.
  apply best_is; try assumption.
  - apply HE. apply Rlt_le_trans with (1 := B). apply Rmin_l.
  - apply L. apply Rlt_le_trans with (1 := B). apply Rmin_r.
Qed.

(** control of not negative: S_1 S_2 in the place of n S_3. *)
Theorem not_another_power : ~ forall x y, 0 < x < 1 -> 0 < y < 1 -> f.scale_margin (x ^ 2 + y ^ 2) (x ^ 2 + y ^ 2) (x + y) <= 0.
Proof. formulas. intros H. specialize (H (1/2) (1/4) ltac:(lra) ltac:(lra)). lra. Qed.
