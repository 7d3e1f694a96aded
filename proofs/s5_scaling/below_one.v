From KD Require Import Formulas ZInterval.

(* The ratio at the worst alpha is exp(entropy kappa) pi/2 sinc((1 - 2 kappa)/2). *)
Definition entropy (k : R) := k * ln k + (1 - k) * ln (1 - k).
Lemma ln_below x : 0 < x -> ln x <= x - 1.
Proof. intros H. pose proof (exp_ineq1_le (ln x)) as E. rewrite exp_ln in E by exact H. lra. Qed.
(* weighted arithmetic and geometric mean: the worst alpha at fixed kappa is 1 / (1 - kappa) *)
Lemma worst_alpha a k : 1 < a -> 0 < k < 1 -> Rpower (a - 1) k / a <= exp (entropy k).
Proof.
  intros Ha Hk. unfold Rpower. rewrite <- (exp_ln a) at 2 by lra. unfold Rdiv. rewrite <- exp_Ropp, <- exp_plus.
  assert (L : k * ln (a - 1) + - ln a <= entropy k); [|destruct L as [L | ->]; [left; apply exp_increasing; exact L | right; reflexivity]].
  unfold entropy. pose proof (ln_below ((a - 1) / (k * a))) as X. pose proof (ln_below (1 / ((1 - k) * a))) as Y.
  assert (X0 : 0 < (a - 1) / (k * a)) by (apply Rdiv_lt_0_compat; [lra | apply Rmult_lt_0_compat; lra]).
  assert (Y0 : 0 < 1 / ((1 - k) * a)) by (apply Rdiv_lt_0_compat; [lra | apply Rmult_lt_0_compat; lra]).
  specialize (X X0). specialize (Y Y0).
  assert (EX : ln ((a - 1) / (k * a)) = ln (a - 1) - ln k - ln a) by (unfold Rdiv; rewrite ln_mult, ln_Rinv, ln_mult; try lra; try (apply Rinv_0_lt_compat); apply Rmult_lt_0_compat; lra).
  assert (EY : ln (1 / ((1 - k) * a)) = - ln (1 - k) - ln a) by (unfold Rdiv; rewrite Rmult_1_l, ln_Rinv, ln_mult; try lra; apply Rmult_lt_0_compat; lra).
  rewrite EX in X. rewrite EY in Y. apply (Rmult_le_compat_l k) in X; [|lra]. apply (Rmult_le_compat_l (1 - k)) in Y; [|lra].
  assert (Z : k * ((a - 1) / (k * a) - 1) + (1 - k) * (1 / ((1 - k) * a) - 1) = 0) by (field; lra). lra.
Qed.
Lemma sinc_even x : sinc (- x) = sinc x.
Proof. unfold sinc. destruct (Req_EM_T x 0), (Req_EM_T (- x) 0); try lra. rewrite <- Ropp_mult_distr_r, sin_neg. field. pose proof PI_RGT_0. split; [exact n | lra]. Qed.
Lemma sinc_le_1 x : 0 <= x <= 1 / 2 -> sinc x <= 1.
Proof.
  intros H. unfold sinc. destruct (Req_EM_T x 0); [lra|]. pose proof PI_RGT_0. assert (0 < PI * x) by (apply Rmult_lt_0_compat; lra).
  apply le_div_l; [assumption|]. pose proof (sin_lt_x (PI * x)). lra.
Qed.
(* the worst ratio for kappa up to one half: by hand near 0, by interval arithmetic elsewhere *)
Lemma worst_value k : 0 < k <= 1 / 2 -> exp (entropy k) * PI * sinc ((1 - 2 * k) / 2) / 2 < 1.
Proof.
  intros Hk. pose proof PI_RGT_0 as HP. destruct (Rle_lt_dec (1/5) k) as [A|A]; [|destruct (Rle_lt_dec (1/20) k) as [B|B]].
  - apply Rle_lt_trans with (exp (entropy k) * PI / 2).
    + pose proof (sinc_le_1 ((1 - 2 * k) / 2)) as S. pose proof (exp_pos (entropy k)). assert (0 < exp (entropy k) * PI) by (apply Rmult_lt_0_compat; lra). unfold Rdiv. apply Rmult_le_compat_r; [lra|]. rewrite <- (Rmult_1_r (exp (entropy k) * PI)) at 2. apply Rmult_le_compat_l; lra.
    + unfold entropy. interval with (i_bisect k, i_prec 60).
  - unfold sinc. destruct (Req_EM_T ((1 - 2 * k) / 2) 0); [lra|].
    replace (exp (entropy k) * PI * (sin (PI * ((1 - 2 * k) / 2)) / (PI * ((1 - 2 * k) / 2))) / 2) with (exp (entropy k) * sin (PI * ((1 - 2 * k) / 2)) / (1 - 2 * k)) by (field; lra).
    unfold entropy. interval with (i_bisect k, i_prec 60).
  - unfold sinc. destruct (Req_EM_T ((1 - 2 * k) / 2) 0); [lra|].
    replace (exp (entropy k) * PI * (sin (PI * ((1 - 2 * k) / 2)) / (PI * ((1 - 2 * k) / 2))) / 2) with (exp (entropy k) * sin (PI * ((1 - 2 * k) / 2)) / (1 - 2 * k)) by (field; lra).
    apply lt_div_l; [lra|]. rewrite Rmult_1_l. apply Rle_lt_trans with (exp (entropy k)).
    + rewrite <- (Rmult_1_r (exp (entropy k))) at 2. apply Rmult_le_compat_l; [left; apply exp_pos | apply SIN_bound].
    + rewrite <- (exp_ln (1 - 2 * k)) by lra. apply exp_increasing. unfold entropy.
      pose proof (ln_below (1 - k)) as L1. pose proof (ln_below (/ (1 - 2 * k))) as L2. rewrite ln_Rinv in L2 by lra.
      assert (I : 0 < / (1 - 2 * k)) by (apply Rinv_0_lt_compat; lra). specialize (L2 I). assert (E : / (1 - 2 * k) - 1 = 2 * k * / (1 - 2 * k)) by (field; lra). rewrite E in L2.
      assert (I2 : / (1 - 2 * k) <= 10 / 9) by (replace (10/9) with (/ (9/10)) by field; apply Rinv_le_contravar; lra).
      assert (L3 : ln k < -2) by (apply Rle_lt_trans with (ln (1/20)); [left; apply ln_increasing; lra | interval with (i_prec 60)]).
      assert ((1 - k) * ln (1 - k) <= (1 - k) * (- k)) by (apply Rmult_le_compat_l; lra).
      assert (2 * k * / (1 - 2 * k) <= 2 * k * (10 / 9)) by (apply Rmult_le_compat_l; lra). nra.
Qed.
Lemma worst_value_all k : 0 < k < 1 -> exp (entropy k) * PI * sinc ((1 - 2 * k) / 2) / 2 < 1.
Proof.
  intros Hk. destruct (Rle_lt_dec k (1/2)) as [A|A]; [apply worst_value; lra|].
  replace (entropy k) with (entropy (1 - k)) by (unfold entropy; replace (1 - (1 - k)) with k by ring; ring).
  rewrite <- sinc_even. replace (- ((1 - 2 * k) / 2)) with ((1 - 2 * (1 - k)) / 2) by field. apply worst_value. lra.
Qed.

(** below one: for every alpha > 1 and 0 < kappa < 1. *)
Theorem below_one : forall alpha beta, 1 < alpha -> 1 < beta -> beta < 2 * alpha + 1 -> f.scaling_ratio alpha beta < 1.
Proof.
  formulas.
  intros alpha beta Ha Hb Hb'. set (k := (beta - 1) / (2 * alpha)).
  assert (Hk : 0 < k < 1) by (unfold k; split; [apply Rdiv_lt_0_compat; lra | apply lt_div_l; lra]). pose proof PI_RGT_0 as HP.
  assert (S : 0 < sinc ((1 - 2 * k) / 2)).
  { assert (forall y, 0 <= y < 1 / 2 -> 0 < sinc y) as P.
    { intros y Hy. unfold sinc. destruct (Req_EM_T y 0); [lra|]. assert (0 < PI * y) by (apply Rmult_lt_0_compat; lra). apply Rdiv_lt_0_compat; [apply sin_gt_0; nra | assumption]. }
    destruct (Rle_lt_dec k (1/2)); [apply P; lra | rewrite <- sinc_even; apply P; lra]. }
  apply Rle_lt_trans with (2 := worst_value_all k Hk).
  replace (Rpower (alpha - 1) k * PI * sinc ((1 - 2 * k) / 2) / (2 * alpha)) with (Rpower (alpha - 1) k / alpha * (PI * sinc ((1 - 2 * k) / 2) / 2)) by (field; lra).
  replace (exp (entropy k) * PI * sinc ((1 - 2 * k) / 2) / 2) with (exp (entropy k) * (PI * sinc ((1 - 2 * k) / 2) / 2)) by field.
  apply Rmult_le_compat_r; [left; apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; assumption | lra] | apply worst_alpha; assumption].
Qed.

(** control of below one: below 4/5. *)
Theorem not_below_four_fifths : ~ forall alpha beta, 1 < alpha -> 1 < beta -> beta < 2 * alpha + 1 -> f.scaling_ratio alpha beta < 4 / 5.
Proof.
  formulas. intro H. specialize (H (21/20) (521/500) ltac:(lra) ltac:(lra) ltac:(lra)). apply (Rlt_not_le _ _ H).
  unfold sinc. destruct (Req_EM_T ((1 - 2 * ((521/500 - 1) / (2 * (21/20)))) / 2) 0); [lra |]. unfold Rpower. interval with (i_prec 60).
Qed.
