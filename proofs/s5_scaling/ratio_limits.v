From KD Require Import Calc.
From KD Require Import Formulas.

(* (6) at alpha and kappa; away from kappa = 1/2 it is smooth, and its value at an end is the limit there *)
Definition ratio (alpha kappa : R) := f.scaling_ratio alpha (1 + 2 * alpha * kappa).
Definition smooth (alpha k : R) :=
  exp (k * ln (alpha - 1)) * (sin (PI * ((1 - 2 * k) / 2)) / (PI * ((1 - 2 * k) / 2))) * (PI / (2 * alpha)).
Lemma ratio_is alpha k : 1 < alpha -> k <> 1 / 2 -> ratio alpha k = smooth alpha k.
Proof.
  intros A N. unfold ratio, smooth. formulas. replace ((1 + 2 * alpha * k - 1) / (2 * alpha)) with k by (field; lra).
  unfold sinc. destruct (Req_EM_T ((1 - 2 * k) / 2) 0); [exfalso; lra |]. unfold Rpower, Rdiv. ring.
Qed.
Lemma limit_at alpha e : 1 < alpha -> e <> 1 / 2 -> is_lim (ratio alpha) e (smooth alpha e).
Proof.
  intros A N. pose proof PI_RGT_0 as HP. apply (is_lim_ext_loc (smooth alpha)).
  - assert (P : 0 < Rabs (e - 1 / 2)) by (apply Rabs_pos_lt; lra). exists (mkposreal _ P). intros y B _. symmetry.
    apply ratio_is; [exact A |]. intros ->. unfold ball in B. simpl in B. unfold AbsRing_ball, abs, minus, plus, opp in B. simpl in B.
    replace (1 / 2 + - e) with (- (e - 1 / 2)) in B by ring. rewrite Rabs_Ropp in B. lra.
  - apply is_lim_continuity, continuity_pt_filterlim, (ex_derive_continuous (smooth alpha)). unfold smooth. auto_derive.
    repeat split; try lra; intro Q; apply Rmult_integral in Q as [Q | Q]; lra.
Qed.

(** zero: the ratio tends to 1/alpha as kappa tends to 0. *)
Theorem zero : forall alpha, 1 < alpha -> is_lim (ratio alpha) 0 (1 / alpha).
Proof.
  intros a A. replace (1 / a) with (smooth a 0); [apply limit_at; lra |]. pose proof PI_RGT_0. unfold smooth.
  rewrite Rmult_0_l, exp_0. replace (PI * ((1 - 2 * 0) / 2)) with (PI / 2) by field. rewrite sin_PI2. field. lra.
Qed.

(** one: it tends to (alpha - 1)/alpha, the limit of Omega, as kappa tends to 1. *)
Theorem one : forall alpha, 1 < alpha -> is_lim (ratio alpha) 1 (f.scaling_omega alpha).
Proof.
  intros a A. replace (f.scaling_omega a) with (smooth a 1); [apply limit_at; lra |]. pose proof PI_RGT_0. unfold smooth, f.scaling_omega.
  rewrite Rmult_1_l, exp_ln by lra. replace (PI * ((1 - 2 * 1) / 2)) with (- (PI / 2)) by field. rewrite sin_neg, sin_PI2. field. lra.
Qed.

(** control of one: to one more. *)
Theorem not_one_more : ~ forall alpha, 1 < alpha -> is_lim (ratio alpha) 1 (f.scaling_omega alpha + 1).
Proof.
  intros H. specialize (H 2 ltac:(lra)). pose proof (one 2 ltac:(lra)) as O. apply is_lim_unique in H. apply is_lim_unique in O.
  rewrite O in H. injection H. unfold f.scaling_omega. lra.
Qed.
