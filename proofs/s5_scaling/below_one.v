From KD Require Import Calc.
From KD Require Import Formulas ZInterval.

(* The ratio at the worst alpha is exp(entropy kappa) pi/2 sinc((1 - 2 kappa)/2). *)
Definition entropy (k : R) := k * ln k + (1 - k) * ln (1 - k).
Lemma ln_below x : 0 < x -> ln x <= x - 1.
Proof. intros H. pose proof (exp_ineq1_le (ln x)) as E. rewrite exp_ln in E by exact H. lra. Qed.
(* weighted arithmetic and geometric mean: the worst alpha at fixed kappa is 1 / (1 - kappa) *)
Lemma ln_below_strict x : 0 < x -> x <> 1 -> ln x < x - 1.
Proof.
  intros H N. assert (ln x <> 0) by (intro Z; apply N; rewrite <- (exp_ln x H), Z; apply exp_0).
  pose proof (exp_ineq1 (ln x) H0) as E. rewrite exp_ln in E by exact H. lra.
Qed.
Lemma power_is a k : 1 < a -> Rpower (a - 1) k / a = exp (k * ln (a - 1) - ln a).
Proof. intros Ha. unfold Rpower, Rminus at 2. rewrite exp_plus, exp_Ropp, exp_ln by lra. reflexivity. Qed.
Lemma exponent_below a k : 1 < a -> 0 < k < 1 ->
  k * ln (a - 1) - ln a <= entropy k /\ (a <> 1 / (1 - k) -> k * ln (a - 1) - ln a < entropy k).
Proof.
  intros Ha Hk. unfold entropy.
  assert (X0 : 0 < (a - 1) / (k * a)) by (apply Rdiv_lt_0_compat; [lra | apply Rmult_lt_0_compat; lra]).
  assert (Y0 : 0 < 1 / ((1 - k) * a)) by (apply Rdiv_lt_0_compat; [lra | apply Rmult_lt_0_compat; lra]).
  pose proof (ln_below _ X0) as X. pose proof (ln_below _ Y0) as Y. pose proof (ln_below_strict _ X0) as XS.
  assert (EX : ln ((a - 1) / (k * a)) = ln (a - 1) - ln k - ln a) by (unfold Rdiv; rewrite ln_mult, ln_Rinv, ln_mult; try lra; try (apply Rinv_0_lt_compat); apply Rmult_lt_0_compat; lra).
  assert (EY : ln (1 / ((1 - k) * a)) = - ln (1 - k) - ln a) by (unfold Rdiv; rewrite Rmult_1_l, ln_Rinv, ln_mult; try lra; apply Rmult_lt_0_compat; lra).
  rewrite EX in X, XS. rewrite EY in Y. apply (Rmult_le_compat_l (1 - k)) in Y; [|lra].
  assert (Z : k * ((a - 1) / (k * a) - 1) + (1 - k) * (1 / ((1 - k) * a) - 1) = 0) by (field; lra). split.
  - apply (Rmult_le_compat_l k) in X; [|lra]. lra.
  - intros N. assert (N1 : (a - 1) / (k * a) <> 1).
    { intro E. apply N. apply (f_equal (fun x => x * (k * a))) in E. unfold Rdiv in E. rewrite Rmult_assoc, Rinv_l in E by (apply Rgt_not_eq, Rmult_lt_0_compat; lra).
      apply Rmult_eq_reg_r with (1 - k); [| lra]. replace (1 / (1 - k) * (1 - k)) with 1 by (field; lra). lra. }
    specialize (XS N1). apply (Rmult_lt_compat_l k) in XS; [|lra]. lra.
Qed.
Lemma worst_alpha a k : 1 < a -> 0 < k < 1 -> Rpower (a - 1) k / a <= exp (entropy k).
Proof.
  intros Ha Hk. rewrite power_is by exact Ha. destruct (proj1 (exponent_below a k Ha Hk)) as [L | ->]; [left; apply exp_increasing; exact L | right; reflexivity].
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

Lemma sinc_pos y : -1 / 2 < y < 1 / 2 -> 0 < sinc y.
Proof.
  pose proof PI_RGT_0 as HP. assert (forall y, 0 <= y < 1 / 2 -> 0 < sinc y) as P.
  { intros z Hz. unfold sinc. destruct (Req_EM_T z 0); [lra|]. assert (0 < PI * z) by (apply Rmult_lt_0_compat; lra). apply Rdiv_lt_0_compat; [apply sin_gt_0; nra | assumption]. }
  intros H. destruct (Rle_lt_dec 0 y); [apply P; lra | rewrite <- sinc_even; apply P; lra].
Qed.
(* (6) at alpha and kappa, and its worst value, in the form of the theory *)
Definition ratio (alpha kappa : R) := f.scaling_ratio alpha (1 + 2 * alpha * kappa).
Definition worst (kappa : R) := ratio (1 / (1 - kappa)) kappa.
Lemma ratio_is alpha k : 1 < alpha -> ratio alpha k = Rpower (alpha - 1) k / alpha * (PI * sinc ((1 - 2 * k) / 2) / 2).
Proof. intros H. unfold ratio. formulas. replace ((1 + 2 * alpha * k - 1) / (2 * alpha)) with k by (field; lra). field. lra. Qed.
Lemma above_one k : 0 < k < 1 -> 1 < 1 / (1 - k).
Proof. intros. apply lt_div_r; lra. Qed.
Lemma worst_is k : 0 < k < 1 -> worst k = exp (entropy k) * (PI * sinc ((1 - 2 * k) / 2) / 2).
Proof.
  intros H. pose proof (above_one k H) as A. unfold worst. rewrite ratio_is by exact A. f_equal. rewrite power_is by exact A. f_equal. unfold entropy.
  replace (1 / (1 - k) - 1) with (k / (1 - k)) by (field; lra). rewrite !ln_div by lra. rewrite ln_1. ring.
Qed.
Lemma worst_symmetric k : 0 < k < 1 -> worst (1 - k) = worst k.
Proof.
  intros H. rewrite !worst_is by lra. replace (entropy (1 - k)) with (entropy k) by (unfold entropy; replace (1 - (1 - k)) with k by ring; ring).
  rewrite <- (sinc_even ((1 - 2 * k) / 2)). do 4 f_equal. field.
Qed.

(** worst alpha: at fixed kappa the ratio is largest at alpha = 1/(1 - kappa), and only there. *)
Theorem worst_at : forall alpha kappa, 1 < alpha -> 0 < kappa < 1 ->
  ratio alpha kappa <= worst kappa /\ (alpha <> 1 / (1 - kappa) -> ratio alpha kappa < worst kappa).
Proof.
  intros a k Ha Hk. rewrite worst_is, ratio_is, power_is by assumption. pose proof PI_RGT_0 as HP.
  pose proof (sinc_pos ((1 - 2 * k) / 2) ltac:(lra)) as S. destruct (exponent_below a k Ha Hk) as [L LS].
  assert (0 < PI * sinc ((1 - 2 * k) / 2) / 2) by (apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; assumption | lra]). split.
  - apply Rmult_le_compat_r; [lra |]. destruct L as [L | ->]; [left; apply exp_increasing; exact L | right; reflexivity].
  - intros N. apply Rmult_lt_compat_r; [assumption |]. apply exp_increasing. exact (LS N).
Qed.

(** worst value: it is kappa^kappa (1 - kappa)^(1 - kappa) cos(pi kappa)/(1 - 2 kappa), and pi/4 at kappa = 1/2. *)
Theorem worst_value_is : (forall kappa, 0 < kappa < 1 -> kappa <> 1 / 2 ->
    worst kappa = Rpower kappa kappa * Rpower (1 - kappa) (1 - kappa) * (cos (PI * kappa) / (1 - 2 * kappa))) /\ worst (1 / 2) = PI / 4.
Proof.
  pose proof PI_RGT_0 as HP. split.
  - intros k Hk N. rewrite worst_is by exact Hk. unfold entropy, Rpower. rewrite exp_plus. f_equal.
    unfold sinc. destruct (Req_EM_T ((1 - 2 * k) / 2) 0); [lra |].
    replace (PI * ((1 - 2 * k) / 2)) with (PI / 2 - PI * k) by field. rewrite sin_shift. field. split; [lra |]. nra.
  - rewrite worst_is by lra. replace ((1 - 2 * (1 / 2)) / 2) with 0 by field. unfold sinc. destruct (Req_EM_T 0 0); [| lra].
    unfold entropy. replace (1 - 1 / 2) with (1 / 2) by field. replace (1 / 2 * ln (1 / 2) + 1 / 2 * ln (1 / 2)) with (ln (1 / 2)) by field.
    rewrite exp_ln by lra. field.
Qed.

(** below one: for every alpha > 1 and 0 < kappa < 1. *)
Theorem below_one : forall alpha beta, 1 < alpha -> 1 < beta -> beta < 2 * alpha + 1 -> f.scaling_ratio alpha beta < 1.
Proof.
  intros alpha beta Ha Hb Hb'. set (k := (beta - 1) / (2 * alpha)).
  assert (Hk : 0 < k < 1) by (unfold k; split; [apply Rdiv_lt_0_compat; lra | apply lt_div_l; lra]).
  replace beta with (1 + 2 * alpha * k) by (unfold k; field; lra). change (ratio alpha k < 1).
  apply Rle_lt_trans with (1 := proj1 (worst_at alpha k Ha Hk)). rewrite worst_is by exact Hk.
  replace (exp (entropy k) * (PI * sinc ((1 - 2 * k) / 2) / 2)) with (exp (entropy k) * PI * sinc ((1 - 2 * k) / 2) / 2) by field.
  apply worst_value_all. exact Hk.
Qed.

(** control of below one: below 4/5. *)
Theorem not_below_four_fifths : ~ forall alpha beta, 1 < alpha -> 1 < beta -> beta < 2 * alpha + 1 -> f.scaling_ratio alpha beta < 4 / 5.
Proof.
  formulas. intro H. specialize (H (21/20) (521/500) ltac:(lra) ltac:(lra) ltac:(lra)). apply (Rlt_not_le _ _ H).
  unfold sinc. destruct (Req_EM_T ((1 - 2 * ((521/500 - 1) / (2 * (21/20)))) / 2) 0); [lra |]. unfold Rpower. interval with (i_prec 60).
Qed.

(* a function that starts at 0 and does not fall is not negative *)
Lemma grows (g d : R -> R) y : 0 <= y -> g 0 = 0 -> (forall x, 0 <= x <= y -> is_derive g x (d x)) -> (forall x, 0 <= x <= y -> 0 <= d x) -> 0 <= g y.
Proof.
  intros Hy G0 D P. destruct Hy as [Hy | <-]; [| lra].
  destruct (MVT_gen g 0 y d) as (c & Hc & E).
  - rewrite Rmin_left, Rmax_right by lra. intros x Hx. apply D. lra.
  - rewrite Rmin_left, Rmax_right by lra. intros x Hx. apply continuity_pt_filterlim, (ex_derive_continuous g). exists (d x). apply D. lra.
  - rewrite Rmin_left, Rmax_right in Hc by lra. specialize (P c Hc). assert (0 <= d c * (y - 0)) by (apply Rmult_le_pos; lra). lra.
Qed.
Lemma cos_above x : 0 <= x -> 1 - x * x / 2 <= cos x.
Proof.
  intros Hx. cut (0 <= cos x - 1 + x * x / 2); [lra |].
  apply (grows (fun x => cos x - 1 + x * x / 2) (fun x => x - sin x)); [exact Hx | rewrite cos_0; field | |].
  - intros u Hu. auto_derive; [trivial |]. field.
  - intros u [Hu _]. destruct Hu as [Hu | <-]; [pose proof (sin_lt_x u Hu) | rewrite sin_0]; lra.
Qed.
Lemma sin_above x : 0 <= x -> x - x * x * x / 6 <= sin x.
Proof.
  intros Hx. cut (0 <= sin x - x + x * x * x / 6); [lra |].
  apply (grows (fun x => sin x - x + x * x * x / 6) (fun x => cos x - 1 + x * x / 2)); [exact Hx | rewrite sin_0; field | |].
  - intros u Hu. auto_derive; [trivial |]. field.
  - intros u Hu. pose proof (cos_above u). lra.
Qed.
(* ln((1 + y)/(1 - y)) >= 2 y, and with it twice the entropy part is at least y^2 *)
Lemma odds_above y : 0 <= y < 1 -> 0 <= ln (1 + y) - ln (1 - y) - 2 * y.
Proof.
  intros Hy. apply (grows (fun x => ln (1 + x) - ln (1 - x) - 2 * x) (fun x => 2 * x * x / ((1 + x) * (1 - x)))); [lra | | |].
  - rewrite Rplus_0_r, Rminus_0_r, ln_1. ring.
  - intros x Hx. auto_derive; [lra |]. field. lra.
  - intros x Hx. apply Rle_mult_inv_pos; [nra | apply Rmult_lt_0_compat; lra].
Qed.
Lemma entropy_above y : 0 <= y < 1 -> y * y <= (1 - y) * ln (1 - y) + (1 + y) * ln (1 + y).
Proof.
  intros Hy. cut (0 <= (1 - y) * ln (1 - y) + (1 + y) * ln (1 + y) - y * y); [lra |].
  apply (grows (fun x => (1 - x) * ln (1 - x) + (1 + x) * ln (1 + x) - x * x) (fun x => ln (1 + x) - ln (1 - x) - 2 * x)); [lra | | |].
  - rewrite Rplus_0_r, Rminus_0_r, ln_1. ring.
  - intros x Hx. auto_derive; [lra |]. unfold Rminus. field. lra.
  - intros x Hx. apply odds_above. lra.
Qed.
Lemma exp_below x : 0 <= x -> exp (- x) <= 1 - x + x * x / 2.
Proof.
  intros Hx. cut (0 <= 1 - x + x * x / 2 - exp (- x)); [lra |].
  apply (grows (fun x => 1 - x + x * x / 2 - exp (- x)) (fun x => x - 1 + exp (- x))); [exact Hx | rewrite Ropp_0, exp_0; field | |].
  - intros u Hu. auto_derive; [trivial |]. field.
  - intros u Hu. pose proof (exp_ineq1_le (- u)). lra.
Qed.
Lemma gauss_below_sinc y : 0 <= y <= 1 -> exp (- (y * y / 2)) <= sinc (y / 2).
Proof.
  intros Hy. pose proof PI_RGT_0 as HP. destruct (Rle_lt_dec y (4 / 5)) as [A | A].
  - assert (E : exp (- (y * y / 2)) <= 1 - y * y / 2 + y * y * (y * y) / 8).
    { pose proof (exp_below (y * y / 2)) as Q. pose proof (Rle_0_sqr y) as Y. unfold Rsqr in Y.
      replace (1 - y * y / 2 + y * y * (y * y) / 8) with (1 - y * y / 2 + y * y / 2 * (y * y / 2) / 2) by field. apply Q. lra. }
    apply Rle_trans with (1 := E). unfold sinc. destruct (Req_EM_T (y / 2) 0); [assert (y = 0) by lra; subst; lra |].
    assert (P : 0 < PI * (y / 2)) by (apply Rmult_lt_0_compat; lra). apply le_div_r; [exact P |].
    pose proof (sin_above (PI * (y / 2)) ltac:(lra)) as S.
    apply Rle_trans with (2 := S).
    assert (B : PI * PI <= 987 / 100) by interval with (i_prec 60).
    assert (C : y * y <= 16 / 25) by nra.
    replace (PI * (y / 2) - PI * (y / 2) * (PI * (y / 2)) * (PI * (y / 2)) / 6) with ((1 - PI * PI * (y * y) / 24) * (PI * (y / 2))) by field.
    apply Rmult_le_compat_r; [lra |]. assert (0 <= y * y) by nra. nra.
  - unfold sinc. destruct (Req_EM_T (y / 2) 0); [lra |].
    assert (I : 4 / 5 <= y <= 1) by lra. apply Rminus_le. interval with (i_bisect y, i_prec 60).
Qed.
Lemma least_below k : 0 < k <= 1 / 2 -> PI / 4 <= worst k.
Proof.
  intros Hk. pose proof PI_RGT_0 as HP. rewrite worst_is by lra. set (y := 1 - 2 * k). assert (Hy : 0 <= y < 1) by (unfold y; lra).
  assert (E : exp (entropy k) = exp (((1 - y) * ln (1 - y) + (1 + y) * ln (1 + y)) / 2) / 2).
  { replace (entropy k) with (((1 - y) * ln (1 - y) + (1 + y) * ln (1 + y)) / 2 + - ln 2); [rewrite exp_plus, exp_Ropp, exp_ln by lra; reflexivity |].
    unfold entropy. replace (1 - y) with (2 * k) by (unfold y; ring). replace (1 + y) with (2 * (1 - k)) by (unfold y; ring).
    rewrite !ln_mult by lra. field. }
  rewrite E. replace ((1 - 2 * k) / 2) with (y / 2) by reflexivity. pose proof (entropy_above y Hy) as A.
  set (h := ((1 - y) * ln (1 - y) + (1 + y) * ln (1 + y)) / 2) in *.
  assert (G : exp (y * y / 2) <= exp h) by (assert (L : y * y / 2 <= h) by (unfold h; lra); destruct L as [L | ->]; [left; apply exp_increasing; exact L | right; reflexivity]).
  pose proof (gauss_below_sinc y ltac:(lra)) as S.
  assert (O : 1 <= exp h * sinc (y / 2)).
  { replace 1 with (exp (y * y / 2) * exp (- (y * y / 2))) by (rewrite <- exp_plus, Rplus_opp_r; apply exp_0).
    apply Rmult_le_compat; try assumption; left; apply exp_pos. }
  replace (exp h / 2 * (PI * sinc (y / 2) / 2)) with (PI / 4 * (exp h * sinc (y / 2))) by field.
  rewrite <- (Rmult_1_r (PI / 4)) at 1. apply Rmult_le_compat_l; lra.
Qed.

(** least at one half: the worst value is at least pi/4, which it is at kappa = 1/2. *)
Theorem least : forall kappa, 0 < kappa < 1 -> PI / 4 <= worst kappa.
Proof.
  intros k Hk. destruct (Rle_lt_dec k (1 / 2)); [apply least_below; lra |]. rewrite <- worst_symmetric by exact Hk. apply least_below. lra.
Qed.

(** control of least at one half: at least 4/5. *)
Theorem not_four_fifths : ~ forall kappa, 0 < kappa < 1 -> 4 / 5 <= worst kappa.
Proof.
  intros H. specialize (H (1 / 2) ltac:(lra)). rewrite (proj2 worst_value_is) in H.
  assert (PI / 4 < 4 / 5) by interval with (i_prec 60). lra.
Qed.

(** tends to one: within 3 sqrt(kappa) at both ends. *)
Theorem tends_to_one : forall kappa, 0 < kappa <= 1 / 16 ->
  1 - 3 * sqrt kappa <= worst kappa < 1 /\ 1 - 3 * sqrt kappa <= worst (1 - kappa) < 1.
Proof.
  intros k Hk. cut (1 - 3 * sqrt k <= worst k < 1); [intros H; split; [exact H | rewrite worst_symmetric by lra; exact H] |].
  pose proof PI_RGT_0 as HP. split.
  - pose proof (sqrt_lt_R0 k ltac:(lra)) as R0. pose proof (sqrt_sqrt k ltac:(lra)) as RR. set (r := sqrt k) in *.
    assert (R1 : r <= 1 / 4) by nra. rewrite (proj1 worst_value_is) by lra.
    assert (L : forall x, 0 < x -> 1 - / x <= ln x).
    { intros x Hx. pose proof (ln_below (/ x) ltac:(apply Rinv_0_lt_compat; exact Hx)) as Q. rewrite ln_Rinv in Q by exact Hx. lra. }
    assert (E1 : -2 * r <= k * ln k).
    { rewrite <- RR, ln_mult by exact R0. pose proof (L r R0) as Q. apply (Rmult_le_compat_l (2 * (r * r))) in Q; [| nra].
      replace (2 * (r * r) * (1 - / r)) with (2 * (r * r) - 2 * r) in Q by (field; lra). nra. }
    assert (E2 : - k <= (1 - k) * ln (1 - k)).
    { pose proof (L (1 - k) ltac:(lra)) as Q. apply (Rmult_le_compat_l (1 - k)) in Q; [| lra].
      replace ((1 - k) * (1 - / (1 - k))) with (- k) in Q by (field; lra). exact Q. }
    assert (E : 1 - 2 * r - k <= Rpower k k * Rpower (1 - k) (1 - k)).
    { unfold Rpower. rewrite <- exp_plus. pose proof (exp_ineq1_le (k * ln k + (1 - k) * ln (1 - k))). lra. }
    assert (C : 1 - 5 * (k * k) <= cos (PI * k) / (1 - 2 * k)).
    { apply le_div_r; [lra |]. pose proof (cos_above (PI * k) ltac:(apply Rmult_le_pos; lra)) as D.
      assert (B : PI * PI <= 10) by interval with (i_prec 60). nra. }
    assert (0 <= 1 - 2 * r - k) by nra. assert (0 <= 1 - 5 * (k * k)) by nra.
    apply Rle_trans with ((1 - 2 * r - k) * (1 - 5 * (k * k))); [| apply Rmult_le_compat; assumption].
    assert (0 <= 5 * (k * k) * (2 * r + k)) by nra. assert (k <= r / 4) by nra. assert (k * k <= r * (1 / 64)) by nra. nra.
  - rewrite worst_is by lra. replace (exp (entropy k) * (PI * sinc ((1 - 2 * k) / 2) / 2)) with (exp (entropy k) * PI * sinc ((1 - 2 * k) / 2) / 2) by field.
    apply worst_value_all. lra.
Qed.
