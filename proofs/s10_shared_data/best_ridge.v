From KD Require Import Slopes.

(* (2) on strong labels as a function of tau at n samples *)
Definition strong p lam beta n noise t :=
  f.standard_risk p (signal lam beta) (zetas lam t) (omega_at p lam n t) (1 - omega_at p lam n t) noise.
Definition condition p lam beta n noise t :=
  f.ridge_condition p (signal lam beta) (zetas lam t) (learnt lam t) (1 - omega_at p lam n t) n noise.
Definition unlearnt p lam beta t := Sum (fun i => signal lam beta i * zetas lam t i * zetas lam t i) p.

Lemma unlearnt_derive p lam beta t : positive p lam -> 0 < t -> is_derive (unlearnt p lam beta) t
  (2 / t * Sum (fun i => signal lam beta i * zetas lam t i * zetas lam t i * learnt lam t i) p).
Proof.
  intros HL Ht. unfold unlearnt. rewrite <- Sum_scal. apply (Sum_derive (fun i t => signal lam beta i * zetas lam t i * zetas lam t i)).
  intros i Hi. specialize (HL i Hi). unfold zetas, learnt, f.zeta, f.one_minus_zeta. auto_derive; [lra |]. field. lra.
Qed.
Lemma strong_derive p lam beta n noise t : positive p lam -> 0 < t -> 0 < n -> omega_at p lam n t < 1 ->
  is_derive (strong p lam beta n noise) t (2 / (t * (1 - omega_at p lam n t) ^ 2) * condition p lam beta n noise t).
Proof.
  intros HL Ht Hn HO. set (A := Sum (fun i => signal lam beta i * zetas lam t i * zetas lam t i * learnt lam t i) p).
  assert (DU := unlearnt_derive p lam beta t HL Ht). fold A in DU.
  assert (DO : is_derive (omega_at p lam n) t (- 2 * fallen 2 p lam t / t / n)).
  { apply (is_derive_ext (fun t => / n * power_sum 2 p lam t)); [intros u; rewrite omega_is; exact (Rmult_comm _ _) |].
    replace (- 2 * fallen 2 p lam t / t / n) with (/ n * (- INR 2 * fallen 2 p lam t / t)) by (simpl INR; field; lra).
    apply (is_derive_scal (power_sum 2 p lam) t (/ n)). apply powers_derive; assumption. }
  assert (E : condition p lam beta n noise t = (1 - omega_at p lam n t) * A - (noise + unlearnt p lam beta t) * (fallen 2 p lam t / n)).
  { unfold condition, f.ridge_condition. fold A. fold (unlearnt p lam beta t). f_equal. f_equal. f_equal. apply Sum_ext. intros. ring. }
  rewrite E. clear E. set (o := omega_at p lam n t) in *. set (F := fallen 2 p lam t) in *. set (u := unlearnt p lam beta t) in *.
  unfold strong, f.standard_risk.
  replace (2 / (t * (1 - o) ^ 2) * ((1 - o) * A - (noise + u) * (F / n)))
    with (((noise * (- 2 * F / t / n) + 2 / t * A) * (1 - o) - (noise * o + u) * (0 - (- 2 * F / t / n))) / (1 - o) ^ 2) by (field; lra).
  apply (is_derive_div (fun t => noise * omega_at p lam n t + unlearnt p lam beta t) (fun t => 1 - omega_at p lam n t) t); [| | fold o; lra].
  - apply (is_derive_plus (fun t => noise * omega_at p lam n t) (unlearnt p lam beta) t); [| exact DU].
    apply (is_derive_scal (omega_at p lam n) t noise). exact DO.
  - apply (is_derive_minus (fun _ => 1) (omega_at p lam n) t 0); [apply is_derive_Reals, derivable_pt_lim_const | exact DO].
Qed.

(** 10.best-ridge, condition: where tau(ridge) solves (1) and has a derivative, the risk of strong labels has the derivative
    by the ridge that is a positive factor times the stated difference: it is 0 iff both sides are equal. *)
Theorem derivative : forall p lam beta n noise (tau : R -> R) delta, (0 < p)%nat -> positive p lam -> 0 < n -> 0 <= delta ->
  root_around p lam n tau delta ->
  let t := tau delta in let Om := omega_at p lam n t in
  exists slope : R, is_derive (fun d => strong p lam beta n noise (tau d)) delta slope /\
  slope = 2 / (n * t * (1 - Om) ^ 3) * condition p lam beta n noise t /\ 0 < 2 / (n * t * (1 - Om) ^ 3) /\
  (slope = 0 <-> (1 - Om) * Sum (fun i => signal lam beta i * zetas lam t i * zetas lam t i * learnt lam t i) p
    = (noise + Sum (fun i => signal lam beta i * zetas lam t i * zetas lam t i) p)
      * (Sum (fun i => zetas lam t i * learnt lam t i * learnt lam t i) p / n)).
Proof.
  cbv zeta. intros p lam beta n noise tau delta Hp HL Hn Hd HR. destruct (root_at p lam n tau delta HR) as [Ht HF].
  pose proof (omega_inside p lam n delta _ Hp HL Ht Hn Hd HF) as HO.
  pose proof (strong_derive p lam beta n noise _ HL Ht Hn (proj2 HO)) as D.
  apply (along_ridge p lam n tau delta _ _ Hp HL Hn Hd HR) in D. set (t := tau delta) in *. set (Om := omega_at p lam n t) in *.
  assert (C : 0 < (1 - Om) ^ 3) by (apply pow_lt; lra).
  assert (P : 0 < 2 / (n * t * (1 - Om) ^ 3)) by (apply Rdiv_lt_0_compat; [lra | apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat |]; assumption]).
  eexists. split; [exact D |]. split; [| split; [exact P |]].
  - field. repeat split; lra.
  - replace (2 / (t * (1 - Om) ^ 2) * condition p lam beta n noise t / (n * (1 - Om)))
      with (2 / (n * t * (1 - Om) ^ 3) * condition p lam beta n noise t) by (field; repeat split; lra).
    unfold condition, f.ridge_condition. fold Om. split; intros Q.
    + apply Rmult_integral in Q as [Q|Q]; lra.
    + match goal with |- ?a * ?b = 0 => replace b with 0 by lra end. ring.
Qed.

(** 10.best-ridge, sign: more noise lowers the condition, so that the best ridge lies further out. *)
Theorem sign : forall p lam beta n less more t, (0 < p)%nat -> positive p lam -> 0 < n -> 0 < t -> less < more ->
  condition p lam beta n more t < condition p lam beta n less t.
Proof.
  intros p lam beta n less more t Hp HL Hn Ht Hm. unfold condition, f.ridge_condition.
  pose proof (fallen_pos 2 p lam t Hp HL Ht) as F.
  replace (Sum (fun i => zetas lam t i * learnt lam t i * learnt lam t i) p) with (fallen 2 p lam t)
    by (unfold fallen; apply Sum_ext; intros; ring).
  assert (0 < fallen 2 p lam t / n) by (apply Rdiv_lt_0_compat; assumption). nra.
Qed.

(** 10.best-ridge, noise: a larger ridge is better, the condition below 0, iff the noise exceeds the threshold; a positive
    one helps iff that is so at the ridgeless end. *)
Theorem threshold : forall p lam beta n noise t, (0 < p)%nat -> positive p lam -> 0 < n -> 0 < t ->
  let limit := f.ridge_noise_threshold p (signal lam beta) (zetas lam t) (learnt lam t) (1 - omega_at p lam n t) n in
  condition p lam beta n limit t = 0 /\ (condition p lam beta n noise t < 0 <-> limit < noise).
Proof.
  cbv zeta. intros p lam beta n noise t Hp HL Hn Ht. set (limit := f.ridge_noise_threshold _ _ _ _ _ _).
  assert (Z : condition p lam beta n limit t = 0).
  { unfold limit, condition, f.ridge_condition, f.ridge_noise_threshold. pose proof (fallen_pos 2 p lam t Hp HL Ht) as F.
    replace (Sum (fun i => zetas lam t i * learnt lam t i * learnt lam t i) p) with (fallen 2 p lam t)
      by (unfold fallen; apply Sum_ext; intros; ring). field. lra. }
  split; [exact Z |]. split; intros Q.
  - destruct (Rtotal_order limit noise) as [O|[O|O]]; [exact O | subst; lra |].
    pose proof (sign p lam beta n noise limit t Hp HL Hn Ht O). lra.
  - pose proof (sign p lam beta n limit noise t Hp HL Hn Ht Q). lra.
Qed.

(** 10.best-ridge, control of noise: the threshold with the other sign. *)
Theorem not_the_other_sign : ~ forall p lam beta n t, (0 < p)%nat -> positive p lam -> 0 < n -> 0 < t ->
  condition p lam beta n (- f.ridge_noise_threshold p (signal lam beta) (zetas lam t) (learnt lam t) (1 - omega_at p lam n t) n) t = 0.
Proof.
  intros H. specialize (H 1%nat (fun _ => 1) (fun _ => 1) 1 1 ltac:(lia) ltac:(intros ? ?; lra) ltac:(lra) ltac:(lra)).
  unfold condition in H. modes. cbn [Sum] in H. lra.
Qed.

(** 10.best-ridge-falls, whole: for every ridge at n there is one at n' > n, with the same tau, whose risk is smaller, so that
    the best at n' is below the best at n; and so is least squares, for n' > n > p without ridge. *)
Theorem falls : forall p lam beta n more noise, (0 < p)%nat -> positive p lam -> 0 < n < more -> 0 <= noise ->
  0 < noise \/ 0 < Sum (signal lam beta) p ->
  (forall delta tau, 0 <= delta -> 0 < tau -> fixed_point p lam n delta tau ->
    exists delta', 0 <= delta' /\ fixed_point p lam more delta' tau /\ strong p lam beta more noise tau < strong p lam beta n noise tau) /\
  (INR p < n -> 0 < noise ->
    f.variance_factor (f.unregularised_omega more (INR p)) (f.unregularised_one_minus_omega more (INR p)) * noise
    < f.variance_factor (f.unregularised_omega n (INR p)) (f.unregularised_one_minus_omega n (INR p)) * noise).
Proof.
  intros p lam beta n more noise Hp HL Hn Hs Hpos. split.
  - intros delta tau Hd Ht HF. pose proof (omega_inside p lam n delta tau Hp HL Ht (proj1 Hn) Hd HF) as [O0 O1].
    exists (ridge_at p lam more tau). apply root_of in HF. unfold left_side in HF.
    assert (D : 0 <= delta / tau) by (apply Rle_mult_inv_pos; lra). split; [| split].
    + unfold ridge_at, f.ridge_of_root, f.degrees_of_freedom. change (Sum (fun i => learnt lam tau i) p) with (Sum (learnt lam tau) p).
      apply Rmult_le_pos; lra.
    + apply root_of. unfold left_side, ridge_at, f.ridge_of_root, f.degrees_of_freedom.
      change (Sum (fun i => learnt lam tau i) p) with (Sum (learnt lam tau) p). field. lra.
    + assert (E : omega_at p lam more tau < omega_at p lam n tau).
      { rewrite !omega_is. apply Rmult_lt_compat_l; [apply powers_pos; assumption | apply Rinv_lt_contravar; [apply Rmult_lt_0_compat |]; lra]. }
      assert (M0 : 0 < omega_at p lam more tau) by (rewrite omega_is; apply Rdiv_lt_0_compat; [apply powers_pos; assumption | lra]).
      set (o := omega_at p lam n tau) in *. set (o' := omega_at p lam more tau) in *.
      unfold strong, f.standard_risk. fold o o' (unlearnt p lam beta tau).
      assert (Z : forall i, (i < p)%nat -> 0 < zetas lam tau i) by (intros i Hi; specialize (HL i Hi); modes; pos).
      assert (A : 0 <= unlearnt p lam beta tau).
      { apply Sum_nonneg. intros i Hi. unfold signal. apply sq_nonneg, signal_nonneg, HL, Hi. }
      assert (B : 0 < noise \/ 0 < unlearnt p lam beta tau).
      { destruct Hpos as [Q|Q]; [left; exact Q | right]. destruct A as [A|A]; [exact A | exfalso].
        assert (forall i, (i < p)%nat -> signal lam beta i * zetas lam tau i * zetas lam tau i = 0).
        { apply Sum_zero_each; [intros i Hi; apply sq_nonneg, signal_nonneg, HL, Hi | symmetry; exact A]. }
        rewrite (Sum_zero (signal lam beta)) in Q; [lra |]. intros i Hi. specialize (H i Hi). specialize (Z i Hi).
        apply Rmult_integral in H as [H|H]; [apply Rmult_integral in H as [H|H]; lra | lra]. }
      set (u := unlearnt p lam beta tau) in *. clearbody u o o'.
      apply lt_div_l; [lra |]. replace ((noise * o + u) / (1 - o) * (1 - o')) with ((noise * o + u) * (1 - o') / (1 - o)) by (field; lra).
      apply lt_div_r; [lra |].
      assert (0 < (o - o') * (noise + u)) by (apply Rmult_lt_0_compat; destruct B; lra). lra.
  - intros Hnp Hnoise. formulas. assert (0 < INR p) by (apply lt_0_INR; exact Hp). apply Rmult_lt_compat_r; [exact Hnoise |].
    replace (INR p / more / ((more - INR p) / more)) with (INR p / (more - INR p)) by (field; lra).
    replace (INR p / n / ((n - INR p) / n)) with (INR p / (n - INR p)) by (field; lra).
    apply Rmult_lt_compat_l; [assumption |]. apply Rinv_lt_contravar; [apply Rmult_lt_0_compat |]; lra.
Qed.

(** 10.best-ridge-falls, control of whole: at fixed tau, where Omega is above 1 at the smaller n. *)
Theorem not_above_one : ~ forall less more unlearnt noise, 0 < less < 1 -> 1 < more -> 0 < unlearnt -> 0 <= noise ->
  f.standard_risk 1 (fun _ => unlearnt) (fun _ => 1) less (1 - less) noise < f.standard_risk 1 (fun _ => unlearnt) (fun _ => 1) more (1 - more) noise.
Proof. formulas. cbn [Sum]. intros H. specialize (H (1/2) 2 1 0 ltac:(lra) ltac:(lra) ltac:(lra) ltac:(lra)). lra. Qed.
