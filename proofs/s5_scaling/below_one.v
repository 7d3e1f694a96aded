From KD Require Import Calc.
From KD Require Import Formulas.

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
Lemma sinc_even x : sinc (- x) = sinc x.
Proof. unfold sinc. destruct (Req_EM_T x 0), (Req_EM_T (- x) 0); try lra. rewrite <- Ropp_mult_distr_r, sin_neg. field. pose proof PI_RGT_0. split; [exact n | lra]. Qed.
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

(* the mean value theorem *)
Lemma along (g d : R -> R) a b : a < b -> (forall x, a <= x <= b -> is_derive g x (d x)) -> exists x, g b - g a = d x * (b - a) /\ a < x < b.
Proof. intros H D. apply (MVT_cor2 g d a b H). intros x Hx. apply is_derive_Reals, D, Hx. Qed.
Lemma grows (g d : R -> R) y : 0 <= y -> g 0 = 0 -> (forall x, 0 <= x <= y -> is_derive g x (d x)) -> (forall x, 0 < x < y -> 0 <= d x) -> 0 <= g y.
Proof.
  intros [Hy | <-] G0 D P; [| lra]. destruct (along g d 0 y Hy D) as (x & E & Hx). specialize (P x Hx).
  assert (0 <= d x * (y - 0)) by (apply Rmult_le_pos; lra). lra.
Qed.
Lemma cos_above x : 0 <= x -> 1 - x * x / 2 <= cos x.
Proof.
  intros Hx. cut (0 <= cos x - 1 + x * x / 2); [lra |].
  apply (grows (fun x => cos x - 1 + x * x / 2) (fun x => x - sin x)); [exact Hx | rewrite cos_0; field | |].
  - intros u Hu. auto_derive; [trivial |]. field.
  - intros u [Hu _]. pose proof (sin_lt_x u Hu). lra.
Qed.
Lemma sin_above x : 0 <= x -> x - x * x * x / 6 <= sin x.
Proof.
  intros Hx. cut (0 <= sin x - x + x * x * x / 6); [lra |].
  apply (grows (fun x => sin x - x + x * x * x / 6) (fun x => cos x - 1 + x * x / 2)); [exact Hx | rewrite sin_0; field | |].
  - intros u Hu. auto_derive; [trivial |]. field.
  - intros u Hu. pose proof (cos_above u). lra.
Qed.
Lemma odds_above y : 0 < y < 1 -> 2 * y < ln (1 + y) - ln (1 - y).
Proof.
  intros Hy. destruct (along (fun x => ln (1 + x) - ln (1 - x) - 2 * x) (fun x => 2 * x * x / ((1 + x) * (1 - x))) 0 y) as (x & E & Hx); [lra | |].
  - intros u Hu. auto_derive; [lra |]. field. lra.
  - rewrite Rplus_0_r, Rminus_0_r, ln_1 in E.
    assert (0 < 2 * x * x / ((1 + x) * (1 - x)) * (y - 0)) by (apply Rmult_lt_0_compat; [apply Rdiv_lt_0_compat; apply Rmult_lt_0_compat |]; lra). lra.
Qed.
Lemma times_ln_above x : 0 < x -> x - 1 <= x * ln x.
Proof.
  intros H. pose proof (ln_below (/ x) (Rinv_0_lt_compat x H)) as L. rewrite ln_Rinv in L by exact H. apply (Rmult_le_compat_l x) in L; [| lra].
  replace (x * (/ x - 1)) with (1 - x) in L by (field; lra). lra.
Qed.
(* z / tan z falls *)
Lemma cotangent_falls a b : 0 < a -> a < b -> b < PI / 2 -> sin a * (b * cos b) < sin b * (a * cos a).
Proof.
  intros Ha Hab Hb. assert (S : forall z, a <= z <= b -> 0 < sin z) by (intros z Hz; apply sin_gt_0; lra).
  destruct (along (fun z => z * cos z / sin z) (fun z => (sin z * cos z - z) / (sin z * sin z)) a b Hab) as (x & E & Hx).
  - intros z Hz. specialize (S z Hz). auto_derive; [lra |].
    replace (sin z * cos z - z) with (sin z * cos z - z * (sin z * sin z + cos z * cos z)); [field; lra |].
    pose proof (sin2_cos2 z) as Q. unfold Rsqr in Q. rewrite Q. ring.
  - assert (N : (sin x * cos x - x) / (sin x * sin x) < 0).
    { assert (Sx := S x ltac:(lra)). assert (sin x * cos x <= sin x * 1) by (apply Rmult_le_compat_l; [lra | apply COS_bound]).
      pose proof (sin_lt_x x ltac:(lra)). apply lt_div_l; [apply Rmult_lt_0_compat; exact Sx | lra]. }
    assert (Q : b * cos b / sin b < a * cos a / sin a) by (assert (0 < (b - a) * - ((sin x * cos x - x) / (sin x * sin x))) by (apply Rmult_lt_0_compat; lra); lra).
    assert (Sa := S a ltac:(lra)). assert (Sb := S b ltac:(lra)).
    apply (Rmult_lt_compat_l (sin a * sin b)) in Q; [| apply Rmult_lt_0_compat; assumption].
    replace (sin a * sin b * (b * cos b / sin b)) with (sin a * (b * cos b)) in Q by (field; lra).
    replace (sin a * sin b * (a * cos a / sin a)) with (sin b * (a * cos a)) in Q by (field; lra). exact Q.
Qed.
(* z / tan z is at least 1 - (2 z/pi)^2: both are equal at the ends, and the difference rises, then falls *)
Lemma cotangent_above z : 0 < z < PI / 2 -> (1 - 4 / (PI * PI) * (z * z)) * sin z <= z * cos z.
Proof.
  intros Hz. pose proof PI_RGT_0 as HP. set (c := 4 / (PI * PI)). assert (C : c * (PI / 2 * (PI / 2)) = 1) by (unfold c; field; lra).
  assert (C0 : 0 < c) by (apply Rdiv_lt_0_compat; [lra | apply Rmult_lt_0_compat; exact HP]). apply Rnot_lt_le. intros F.
  set (g := fun z => z * cos z - (1 - c * (z * z)) * sin z). set (d := fun z => z * (c * (z * cos z) - (1 - 2 * c) * sin z)).
  assert (D : forall x, is_derive g x (d x)) by (intros x; unfold g, d; auto_derive; [trivial | ring]).
  destruct (along g d 0 z) as (a & Ea & Ha); [lra | intros; apply D |]. destruct (along g d z (PI / 2)) as (b & Eb & Hb); [lra | intros; apply D |].
  assert (G0 : g 0 = 0) by (unfold g; rewrite sin_0; ring). assert (G1 : g (PI / 2) = 0) by (unfold g; rewrite cos_PI2, sin_PI2; lra).
  assert (GZ : g z < 0) by (unfold g; lra).
  assert (A : c * (a * cos a) < (1 - 2 * c) * sin a).
  { apply Rnot_le_lt. intros L. assert (0 <= d a * (z - 0)) by (apply Rmult_le_pos; [apply Rmult_le_pos |]; lra). lra. }
  assert (B : (1 - 2 * c) * sin b < c * (b * cos b)).
  { apply Rnot_le_lt. intros L. assert (0 <= (PI / 2 - z) * (b * ((1 - 2 * c) * sin b - c * (b * cos b)))) by (apply Rmult_le_pos; [| apply Rmult_le_pos]; lra). unfold d in Eb. nra. }
  pose proof (cotangent_falls a b ltac:(lra) ltac:(lra) ltac:(lra)) as T.
  assert (Pa : 0 < a * cos a) by (apply Rmult_lt_0_compat; [| apply cos_gt_0]; lra).
  assert (Pb : 0 < b * cos b) by (apply Rmult_lt_0_compat; [| apply cos_gt_0]; lra).
  assert (Sa : 0 < sin a) by (apply sin_gt_0; lra). assert (C1 : 0 < 1 - 2 * c).
  { apply Rnot_le_lt. intros L. assert (0 <= (2 * c - 1) * sin a) by (apply Rmult_le_pos; lra). assert (0 < c * (a * cos a)) by (apply Rmult_lt_0_compat; assumption). lra. }
  apply (Rmult_lt_compat_r (b * cos b)) in A; [| exact Pb]. apply (Rmult_lt_compat_r (a * cos a)) in B; [| exact Pa].
  apply (Rmult_lt_compat_l (1 - 2 * c)) in T; [lra | exact C1].
Qed.
(* twice the worst value as a function of y = 1 - 2 kappa: it rises from pi/2 to 2 *)
Definition height y := exp (((1 - y) * ln (1 - y) + (1 + y) * ln (1 + y)) / 2) * (sin (PI / 2 * y) / y).
Lemma height_rises a b : 0 < a -> a < b -> b < 1 -> height a < height b.
Proof.
  intros Ha Hab Hb. pose proof PI_RGT_0 as HP.
  destruct (along height (fun y => exp (((1 - y) * ln (1 - y) + (1 + y) * ln (1 + y)) / 2) *
    (((ln (1 + y) - ln (1 - y)) / 2 * y * sin (PI / 2 * y) + PI / 2 * y * cos (PI / 2 * y) - sin (PI / 2 * y)) / (y * y))) a b Hab) as (y & E & Hy).
  - intros y Hy. unfold height. auto_derive; [lra |]. unfold Rminus, Rdiv. field. lra.
  - cut (0 < height b - height a); [lra |]. rewrite E. apply Rmult_lt_0_compat; [| lra]. apply Rmult_lt_0_compat; [apply exp_pos |].
    apply Rdiv_lt_0_compat; [| apply Rmult_lt_0_compat; lra]. assert (Z : 0 < PI / 2 * y < PI / 2) by (split; [apply Rmult_lt_0_compat; lra | nra]).
    pose proof (cotangent_above _ Z) as C. replace (4 / (PI * PI) * (PI / 2 * y * (PI / 2 * y))) with (y * y) in C by (field; lra).
    assert (S : 0 < y * sin (PI / 2 * y)) by (apply Rmult_lt_0_compat; [| apply sin_gt_0]; lra).
    pose proof (odds_above y ltac:(lra)) as O. apply (Rmult_lt_compat_r (y * sin (PI / 2 * y))) in O; [lra | exact S].
Qed.
Lemma height_below y : 0 < y < 1 -> height y < 2.
Proof.
  intros Hy. assert (B : forall m, 0 < m < 1 -> height m * m <= 2).
  { intros m Hm. unfold height. replace (exp (((1 - m) * ln (1 - m) + (1 + m) * ln (1 + m)) / 2) * (sin (PI / 2 * m) / m) * m)
      with (exp (((1 - m) * ln (1 - m) + (1 + m) * ln (1 + m)) / 2) * sin (PI / 2 * m)) by (field; lra).
    rewrite <- (Rmult_1_r 2). apply Rmult_le_compat; [left; apply exp_pos | | | apply SIN_bound].
    - left. apply sin_gt_0; pose proof PI_RGT_0; [apply Rmult_lt_0_compat; lra | nra].
    - apply Rle_trans with (exp (ln 2)); [left; apply exp_increasing | right; apply exp_ln; lra].
      assert (L1 : ln (1 - m) < 0) by (rewrite <- ln_1; apply ln_increasing; lra). assert (L2 : ln (1 + m) < ln 2) by (apply ln_increasing; lra).
      assert (L3 : 0 < ln (1 + m)) by (rewrite <- ln_1; apply ln_increasing; lra).
      assert (0 < (1 - m) * - ln (1 - m)) by (apply Rmult_lt_0_compat; lra). assert (0 < (1 - m) * ln (1 + m)) by (apply Rmult_lt_0_compat; lra). lra. }
  apply Rlt_le_trans with (height ((1 + y) / 2)); [apply height_rises; lra |]. set (m := (1 + y) / 2). assert (Hm : 0 < m < 1) by (unfold m; lra).
  apply Rnot_lt_le. intros H. assert (Q : 0 < 2 / height m < 1) by (split; [apply Rdiv_lt_0_compat | apply lt_div_l]; lra).
  set (u := (1 + Rmax m (2 / height m)) / 2).
  assert (U : m < u /\ 2 / height m < u /\ u < 1) by (unfold u, Rmax; destruct (Rle_dec m (2 / height m)); lra).
  pose proof (height_rises m u ltac:(lra) ltac:(lra) ltac:(lra)). pose proof (B u ltac:(lra)).
  assert (2 < u * height m) by (replace 2 with (2 / height m * height m) at 1 by (field; lra); apply Rmult_lt_compat_r; lra).
  assert (u * height m < u * height u) by (apply Rmult_lt_compat_l; lra). lra.
Qed.
Lemma height_above y : 0 < y < 1 -> PI / 2 <= height y.
Proof.
  intros Hy. pose proof PI_RGT_0 as HP. pose proof PI_4 as P4. apply Rnot_lt_le. intros H. set (e := Rmin (y / 2) ((PI / 2 - height y) / 4)).
  assert (E : 0 < e /\ e < y /\ 2 * e < PI / 2 - height y) by (unfold e, Rmin; destruct (Rle_dec (y / 2) ((PI / 2 - height y) / 4)); lra).
  pose proof (height_rises e y ltac:(lra) ltac:(lra) ltac:(lra)) as L. cut (PI / 2 - 2 * e <= height e); [lra |]. unfold height.
  assert (A : 0 <= (1 - e) * ln (1 - e) + (1 + e) * ln (1 + e)) by (pose proof (times_ln_above (1 - e) ltac:(lra)); pose proof (times_ln_above (1 + e) ltac:(lra)); lra).
  assert (X : 1 <= exp (((1 - e) * ln (1 - e) + (1 + e) * ln (1 + e)) / 2)) by (pose proof (exp_ineq1_le (((1 - e) * ln (1 - e) + (1 + e) * ln (1 + e)) / 2)); lra).
  assert (S : PI / 2 - 2 * e <= sin (PI / 2 * e) / e).
  { apply le_div_r; [lra |]. pose proof (sin_above (PI / 2 * e) ltac:(apply Rmult_le_pos; lra)) as S. apply Rle_trans with (2 := S).
    assert (PI / 2 * (PI / 2) <= 4) by nra. assert (PI / 2 * (PI / 2) * (PI / 2) <= 8) by nra. assert (0 < e * e) by (apply Rmult_lt_0_compat; lra).
    assert (e * (e * e) <= e * e) by nra. assert (PI / 2 * (PI / 2) * (PI / 2) * (e * (e * e)) <= 8 * (e * e)) by (apply Rmult_le_compat; try nra). nra. }
  assert (0 < PI / 2 - 2 * e) by (apply Rlt_trans with (height y); [| lra]; unfold height; apply Rmult_lt_0_compat; [apply exp_pos | apply Rdiv_lt_0_compat; [apply sin_gt_0; nra | lra]]).
  rewrite <- (Rmult_1_l (PI / 2 - 2 * e)). apply Rmult_le_compat; lra.
Qed.
Lemma worst_height k : 0 < k < 1 / 2 -> worst k = height (1 - 2 * k) / 2.
Proof.
  intros Hk. rewrite worst_is by lra. pose proof PI_RGT_0 as HP. unfold height. set (y := 1 - 2 * k). assert (Hy : 0 < y < 1) by (unfold y; lra).
  replace (entropy k) with (((1 - y) * ln (1 - y) + (1 + y) * ln (1 + y)) / 2 + - ln 2).
  - rewrite exp_plus, exp_Ropp, exp_ln by lra. unfold sinc. destruct (Req_EM_T (y / 2) 0); [lra |]. replace (PI * (y / 2)) with (PI / 2 * y) by field. field. lra.
  - unfold entropy. replace (1 - y) with (2 * k) by (unfold y; ring). replace (1 + y) with (2 * (1 - k)) by (unfold y; ring). rewrite !ln_mult by lra. field.
Qed.
Lemma PI_below : PI < 16 / 5.
Proof.
  apply Rnot_le_lt. intros H. pose proof (cos_ge_0 (8 / 5) ltac:(lra) ltac:(lra)) as C. destruct (pre_cos_bound (8 / 5) 0 ltac:(lra) ltac:(lra)) as [_ U].
  unfold cos_approx, cos_term in U. simpl in U. lra.
Qed.
Lemma worst_between k : 0 < k < 1 -> PI / 4 <= worst k < 1.
Proof.
  assert (L : forall k, 0 < k < 1 / 2 -> PI / 4 <= worst k < 1).
  { intros u Hu. rewrite worst_height by exact Hu. pose proof (height_above (1 - 2 * u) ltac:(lra)). pose proof (height_below (1 - 2 * u) ltac:(lra)). lra. }
  intros Hk. pose proof PI_below. destruct (Rtotal_order k (1 / 2)) as [A | [-> | A]]; [apply L; lra | rewrite (proj2 worst_value_is); lra |].
  rewrite <- worst_symmetric by exact Hk. apply L. lra.
Qed.

(** below one: for every alpha > 1 and 0 < kappa < 1. *)
Theorem below_one : forall alpha beta, 1 < alpha -> 1 < beta -> beta < 2 * alpha + 1 -> f.scaling_ratio alpha beta < 1.
Proof.
  intros alpha beta Ha Hb Hb'. set (k := (beta - 1) / (2 * alpha)).
  assert (Hk : 0 < k < 1) by (unfold k; split; [apply Rdiv_lt_0_compat; lra | apply lt_div_l; lra]).
  replace beta with (1 + 2 * alpha * k) by (unfold k; field; lra). change (ratio alpha k < 1).
  apply Rle_lt_trans with (1 := proj1 (worst_at alpha k Ha Hk)). apply worst_between. exact Hk.
Qed.

(** least at one half: the worst value is at least pi/4, which it is at kappa = 1/2. *)
Theorem least : forall kappa, 0 < kappa < 1 -> PI / 4 <= worst kappa.
Proof. intros k Hk. apply worst_between. exact Hk. Qed.

(** control of least at one half: at least 4/5. *)
Theorem not_four_fifths : ~ forall kappa, 0 < kappa < 1 -> 4 / 5 <= worst kappa.
Proof. intros H. specialize (H (1 / 2) ltac:(lra)). rewrite (proj2 worst_value_is) in H. pose proof PI_below. lra. Qed.

(** tends to one: within 3 sqrt(kappa) at both ends. *)
Theorem tends_to_one : forall kappa, 0 < kappa <= 1 / 16 ->
  1 - 3 * sqrt kappa <= worst kappa < 1 /\ 1 - 3 * sqrt kappa <= worst (1 - kappa) < 1.
Proof.
  intros k Hk. cut (1 - 3 * sqrt k <= worst k < 1); [intros H; split; [exact H | rewrite worst_symmetric by lra; exact H] |].
  pose proof PI_RGT_0 as HP. split.
  - pose proof (sqrt_lt_R0 k ltac:(lra)) as R0. pose proof (sqrt_sqrt k ltac:(lra)) as RR. set (r := sqrt k) in *.
    assert (R1 : r <= 1 / 4) by nra. rewrite (proj1 worst_value_is) by lra.
    assert (E1 : -2 * r <= k * ln k).
    { rewrite <- RR, ln_mult by exact R0. pose proof (times_ln_above r R0) as Q. apply (Rmult_le_compat_l (2 * r)) in Q; [| lra]. nra. }
    assert (E2 : - k <= (1 - k) * ln (1 - k)) by (pose proof (times_ln_above (1 - k) ltac:(lra)); lra).
    assert (E : 1 - 2 * r - k <= Rpower k k * Rpower (1 - k) (1 - k)).
    { unfold Rpower. rewrite <- exp_plus. pose proof (exp_ineq1_le (k * ln k + (1 - k) * ln (1 - k))). lra. }
    assert (C : 1 - 5 * (k * k) <= cos (PI * k) / (1 - 2 * k)).
    { apply le_div_r; [lra |]. pose proof (cos_above (PI * k) ltac:(apply Rmult_le_pos; lra)) as D.
      pose proof PI_below. assert (B : PI * PI <= 11) by nra. nra. }
    assert (0 <= 1 - 2 * r - k) by nra. assert (0 <= 1 - 5 * (k * k)) by nra.
    apply Rle_trans with ((1 - 2 * r - k) * (1 - 5 * (k * k))); [| apply Rmult_le_compat; assumption].
    assert (0 <= 5 * (k * k) * (2 * r + k)) by nra. assert (k <= r / 4) by nra. assert (k * k <= r * (1 / 64)) by nra. nra.
  - apply worst_between. lra.
Qed.

(** control of below one: below 4/5. *)
Theorem not_below_four_fifths : ~ forall alpha beta, 1 < alpha -> 1 < beta -> beta < 2 * alpha + 1 -> f.scaling_ratio alpha beta < 4 / 5.
Proof.
  intro H. destruct (tends_to_one (1 / 400) ltac:(lra)) as [[L _] _]. replace (1 / 400) with (1 / 20 * (1 / 20)) in L at 1 by field. rewrite sqrt_square in L by lra.
  pose proof (above_one (1 / 400) ltac:(lra)) as A. set (a := 1 / (1 - 1 / 400)) in *. assert (a < 2) by (apply lt_div_l; lra).
  specialize (H a (1 + 2 * a * (1 / 400)) ltac:(lra) ltac:(lra) ltac:(lra)). change (worst (1 / 400) < 4 / 5) in H. lra.
Qed.
