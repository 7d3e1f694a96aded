From KD Require Import Calc.
From KD Require Import Modes.

(* One generation of least squares: (1 - w)^2 of the old risk, and phi times the noise of (14); the first is on real labels. *)
Definition next (w phi noise own risk : R) := (1 - w) ^ 2 * risk + phi * f.two_kinds_noise w noise own risk.
Fixpoint risk_after (w phi noise own : R) (k : nat) : R :=
  match k with O => phi * noise | S l => next w phi noise own (risk_after w phi noise own l) end.
Definition kept (w phi : R) := (1 - w) ^ 2 + phi * w * (1 - w).
Definition fresh (w phi noise own : R) := phi * (w * noise + (1 - w) * own).
Lemma next_is w phi noise own risk : next w phi noise own risk = kept w phi * risk + fresh w phi noise own.
Proof. unfold next, kept, fresh. formulas. ring. Qed.

(** 11.collapse, recursion: the mean excess risk of the next student, p modes with the exact variance of least squares. *)
Theorem recursion : forall p lam w noise own n risk, positive p lam -> INR p + 1 < n ->
  let phi := INR p / (n - INR p - 1) in
  (1 - w) ^ 2 * risk + Sum (fun i => lam i * f.least_squares_variance (f.two_kinds_noise w noise own risk) (lam i) n (INR p)) p
  = ((1 - w) ^ 2 + phi * w * (1 - w)) * risk + phi * (w * noise + (1 - w) * own).
Proof.
  cbv zeta. intros p lam w noise own n risk HL Hn. set (level := f.two_kinds_noise w noise own risk).
  rewrite (Sum_ext _ (fun _ => level / (n - INR p - 1))).
  - rewrite Sum_const. unfold level. formulas. field. lra.
  - intros i Hi. specialize (HL i Hi). unfold f.least_squares_variance. field. lra.
Qed.

Lemma archimedes x b : 0 < b -> exists k : nat, x < INR k * b.
Proof.
  intros Hb. destruct (archimed (x / b)) as [A _]. exists (Z.to_nat (up (x / b))).
  apply Rlt_le_trans with (IZR (up (x / b)) * b).
  - replace x with (x / b * b) at 1 by (field; lra). apply Rmult_lt_compat_r; assumption.
  - apply Rmult_le_compat_r; [lra |]. rewrite INR_IZR_INZ. apply IZR_le. lia.
Qed.

(** 11.collapse, no real data: R_k = phi (sigma^2 + (k - 1) sigma_s^2), which grows for ever. *)
Theorem no_real_data : forall phi noise own,
  (forall k, risk_after 0 phi noise own k = phi * (noise + INR k * own)) /\
  (0 < phi -> 0 <= noise -> 0 < own -> forall bound, exists k, bound < risk_after 0 phi noise own k).
Proof.
  intros phi noise own. assert (L : forall k, risk_after 0 phi noise own k = phi * (noise + INR k * own)).
  { induction k as [|k IH]; [simpl; ring |]. cbn [risk_after]. rewrite IH, S_INR. unfold next. formulas. ring. }
  split; [exact L |]. intros Hp Hn Ho bound. destruct (archimedes bound (phi * own)) as (k & K); [apply Rmult_lt_0_compat; assumption |].
  exists k. rewrite L. assert (0 <= phi * noise) by (apply Rmult_le_pos; lra). lra.
Qed.

(** 11.collapse, fixed point: the settled risk is its own successor. *)
Theorem fixed_point : forall w phi noise own, kept w phi <> 1 ->
  next w phi noise own (f.settled_least_squares w phi phi noise own) = f.settled_least_squares w phi phi noise own.
Proof. unfold kept, next. formulas. intros w phi noise own H. field. lra. Qed.

(** 11.collapse, finite iff: with a share w of real data the risks settle where the factor of the old one is below 1, and
    grow beyond every bound where it is not. *)
Theorem finite_iff : forall w phi noise own, 0 < w < 1 -> 0 < phi -> 0 < noise -> 0 <= own ->
  ((1 - w) ^ 2 + phi * w * (1 - w) < 1 -> is_lim_seq (risk_after w phi noise own) (f.settled_least_squares w phi phi noise own)) /\
  (1 <= (1 - w) ^ 2 + phi * w * (1 - w) -> forall bound, exists k, bound < risk_after w phi noise own k).
Proof.
  intros w phi noise own Hw Hp Hn Ho. fold (kept w phi).
  assert (K0 : 0 <= kept w phi) by (unfold kept; assert (0 < phi * w * (1 - w)) by (repeat apply Rmult_lt_0_compat; lra); nra).
  split; intros K.
  - assert (D : forall k, f.settled_least_squares w phi phi noise own + kept w phi ^ k * (phi * noise - f.settled_least_squares w phi phi noise own)
      = risk_after w phi noise own k).
    { induction k as [|k IH]; [simpl; ring |]. cbn [risk_after pow]. rewrite <- IH.
      pose proof (fixed_point w phi noise own ltac:(lra)) as F. rewrite next_is in *. rewrite <- F at 1. ring. }
    apply (is_lim_seq_ext _ _ _ D). set (s := f.settled_least_squares w phi phi noise own) in *.
    replace (Finite s) with (Rbar_plus s (Rbar_mult 0 (phi * noise - s))) by (simpl; f_equal; ring).
    apply is_lim_seq_plus with (Finite s) (Rbar_mult 0 (phi * noise - s));
      [apply is_lim_seq_const | apply (is_lim_seq_scal_r _ _ 0); apply is_lim_seq_geom; rewrite Rabs_right; lra | reflexivity].
  - intros bound. set (b := fresh w phi noise own).
    assert (B : 0 < b) by (unfold b, fresh; apply Rmult_lt_0_compat; [exact Hp |];
      assert (0 < w * noise) by (apply Rmult_lt_0_compat; lra); assert (0 <= (1 - w) * own) by (apply Rmult_le_pos; lra); lra).
    assert (G : forall k, INR k * b <= risk_after w phi noise own k).
    { induction k as [|k IH]; [simpl; assert (0 < phi * noise) by (apply Rmult_lt_0_compat; assumption); lra |].
      cbn [risk_after]. rewrite next_is, S_INR. fold b. assert (0 <= INR k * b) by (apply Rmult_le_pos; [apply pos_INR | lra]). nra. }
    destruct (archimedes bound b B) as (k & Q). exists k. specialize (G k). lra.
Qed.

(** 11.collapse, control of finite iff: finite for every w > 0. *)
Theorem not_for_every_share : ~ forall w phi, 0 < w < 1 -> 0 < phi -> (1 - w) ^ 2 + phi * w * (1 - w) < 1.
Proof. intros H. specialize (H (1/2) 10). lra. Qed.

(* w^2 + (1 - w)^2, and 1 - Omega (1 - w)^2 *)
Definition up (w : R) := w * w + (1 - w) * (1 - w).
Definition down (w Omega : R) := 1 - Omega * (1 - w) * (1 - w).
Lemma down_pos w Omega : 0 < w < 1 -> 0 <= Omega <= 1 -> 0 < down w Omega.
Proof.
  intros. unfold down. assert (0 < (1 - w) * (1 - w) < 1) by nra. set (s := (1 - w) * (1 - w)) in *.
  replace (Omega * (1 - w) * (1 - w)) with (Omega * s) by (unfold s; ring). nra.
Qed.

(** 11.golden-ratio, noise: for Sigma = I a student keeps the share Omega of its teacher's variance, and averaged labels
    have the one settled variance that the library says, proportional to the stated quotient. *)
Theorem settled_noise : forall w Omega noise V, 0 < w < 1 -> 0 < Omega < 1 ->
  f.transfer_energy 1 (1 - Omega) Omega Omega (1 - Omega) = Omega /\
  (V = Omega * (1 - w) ^ 2 * V + f.variance_factor Omega (1 - Omega) * ((w ^ 2 + (1 - w) ^ 2) * noise)
   <-> V = f.settled_averaged w Omega (1 - Omega) noise) /\
  f.settled_averaged w Omega (1 - Omega) noise
    = f.variance_factor Omega (1 - Omega) * noise * ((w ^ 2 + (1 - w) ^ 2) / (1 - Omega * (1 - w) ^ 2)).
Proof.
  intros w Omega noise V Hw HO. pose proof (down_pos w Omega Hw ltac:(lra)) as D. unfold down in D. formulas.
  split; [field; lra | split; [| field; split; lra]]. split; intros H.
  - apply Rmult_eq_reg_r with (1 - Omega * (1 - w) * (1 - w)); [| lra].
    replace (V * (1 - Omega * (1 - w) * (1 - w))) with (V - Omega * (1 - w) ^ 2 * V) by ring. rewrite H at 1. field. lra.
  - rewrite H. field. lra.
Qed.

(** 11.golden-ratio, slope: the derivative by the share. *)
Theorem slope : forall w Omega, 0 < w < 1 -> 0 <= Omega <= 1 ->
  is_derive (fun w => f.averaging_factor w Omega) w (2 * f.averaging_condition w Omega / (1 - Omega * (1 - w) ^ 2) ^ 2).
Proof.
  intros w Omega Hw HO. pose proof (down_pos w Omega Hw HO) as D. unfold down in D. formulas. auto_derive; [lra |]. field. lra.
Qed.

(** 11.golden-ratio, one minimum: for every Omega in (0, 1] one share solves 2w - 1 = Omega w (1 - w), and every other
    has a larger factor. *)
Theorem one_minimum : forall Omega, 0 < Omega <= 1 -> exists best, 1 / 2 < best < 1 /\
  f.averaging_condition best Omega = 0 /\
  (forall w, 0 < w < 1 -> f.averaging_condition w Omega = 0 -> w = best) /\
  (forall w, 0 < w < 1 -> w <> best -> f.averaging_factor best Omega < f.averaging_factor w Omega).
Proof.
  intros Omega HO. assert (C : forall w, f.averaging_condition w Omega = 2 * w - 1 - Omega * (1 - w) * w) by (intros; formulas; ring).
  destruct (IVT_interv (fun w => 2 * w - 1 - Omega * (1 - w) * w) (1 / 2) 1) as (best & Hb & Eb); try lra.
  { intros a Ha. apply derivable_continuous_pt. reg. }
  assert (I : 1 / 2 < best < 1).
  { split; [destruct (Rle_lt_dec best (1 / 2)) as [[Q|Q]|Q]; [lra | rewrite Q in Eb; lra | exact Q] |].
    destruct (Rle_lt_dec 1 best) as [[Q|Q]|Q]; [lra | rewrite <- Q in Eb; lra | exact Q]. }
  exists best. split; [exact I |]. rewrite C. split; [exact Eb |]. split.
  - intros w Hw E. rewrite C in E. assert (Z : (w - best) * (2 - Omega + Omega * (w + best)) = 0) by lra.
    apply Rmult_integral in Z as [Z|Z]; [lra |]. assert (0 < Omega * (w + best)) by (apply Rmult_lt_0_compat; lra). lra.
  - intros w Hw N. pose proof (down_pos w Omega Hw ltac:(lra)) as D. pose proof (down_pos best Omega ltac:(lra) ltac:(lra)) as D0.
    unfold f.averaging_factor. fold (up best) (up w) (down best Omega) (down w Omega).
    apply lt_div_l; [exact D0 |]. replace (up w / down w Omega * down best Omega) with (up w * down best Omega / down w Omega) by (field; lra).
    apply lt_div_r; [exact D |].
    assert (E : up w * down best Omega - up best * down w Omega
      = (2 * down best Omega + Omega * up best) * ((w - best) * (w - best)) + 2 * (2 * best - 1 - Omega * (1 - best) * best) * (w - best))
      by (unfold up, down; ring). rewrite Eb in E.
    assert (0 < (w - best) * (w - best)) by (apply Rsqr_pos_lt; lra).
    assert (0 < up best) by (unfold up; nra). assert (0 < Omega * up best) by (apply Rmult_lt_0_compat; lra).
    assert (0 < (2 * down best Omega + Omega * up best) * ((w - best) * (w - best))) by (apply Rmult_lt_0_compat; lra). lra.
Qed.

(** 11.golden-ratio, golden: at Omega = 1 the golden ratio solves it. *)
Theorem golden : 0 < (sqrt 5 - 1) / 2 < 1 /\ f.averaging_condition ((sqrt 5 - 1) / 2) 1 = 0.
Proof.
  pose proof (sqrt_sqrt 5 ltac:(lra)) as E. pose proof (sqrt_pos 5) as P. set (r := sqrt 5) in *. clearbody r.
  assert (2 < r < 3) by (split; nra). split; [lra |]. formulas. nra.
Qed.

(** 11.golden-ratio, half: the best share is within Omega/8 above 1/2, and so tends to it. *)
Theorem half : forall Omega w, 0 <= Omega <= 1 -> 0 < w < 1 -> f.averaging_condition w Omega = 0 -> 1 / 2 <= w <= 1 / 2 + Omega / 8.
Proof.
  formulas. intros Omega w HO Hw E. 
  assert (A : 0 < (1 - w) * w <= 1 / 4)
    by (split; [apply Rmult_lt_0_compat; lra | pose proof (Rle_0_sqr (w - 1 / 2)) as Q; unfold Rsqr in Q; lra]). set (s := (1 - w) * w) in *.
  replace (Omega * (1 - w) * w) with (Omega * s) in E by (unfold s; ring). nra.
Qed.

(** 11.golden-ratio, control of golden: at Omega = 1/2. *)
Theorem not_at_one_half : ~ f.averaging_condition ((sqrt 5 - 1) / 2) (1 / 2) = 0.
Proof.
  pose proof (sqrt_sqrt 5 ltac:(lra)) as E. pose proof (sqrt_pos 5) as P. set (r := sqrt 5) in *. clearbody r. formulas. nra.
Qed.
