From KD Require Import Roots.
From KD Require Import Features.

(** one equation: for nu_1 > 0 both equations of (16), which are (1) for n samples of the features and for q samples of
    the modes, hold iff the one equation holds and nu_1 is what the library makes of it. *)
Theorem one_equation : forall p lam n q delta nu nu_1, 0 < nu -> 0 < q -> 0 < nu_1 ->
  let df := freedom p lam nu in
  (f.fixed_point_residual p (learnt lam nu) n (delta / nu_1) = 0 /\ f.fixed_point_residual p (learnt lam nu) q (q * nu_1 / nu) = 0)
  <-> ((n - df) * (q - df) = q * delta / nu /\ nu_1 = f.first_regularisation nu (q - df) q).
Proof.
  cbv zeta. intros p lam n q delta nu nu1 Hnu Hq H1. unfold f.fixed_point_residual, f.first_regularisation, freedom, f.degrees_of_freedom.
  change (Sum (fun i => learnt lam nu i) p) with (Sum (learnt lam nu) p). set (d := Sum (learnt lam nu) p). clearbody d. split.
  - intros [E1 E2]. assert (G : q - d = q * nu1 / nu) by lra. rewrite G. replace (n - d) with (delta / nu1) by lra.
    split; field; lra.
  - intros [E1 E2]. assert (G : q - d = q * nu1 / nu) by (rewrite E2; field; lra). rewrite G in E1. split; [| lra].
    assert (n - d = delta / nu1); [| lra]. apply Rmult_eq_reg_r with (q * nu1 / nu); [rewrite E1; field; lra |].
    apply Rgt_not_eq; unfold Rgt; pos.
Qed.

(** gap: where df is below both, the smaller gap e solves e (e + |n - q|) = q delta/nu, and is the library's, which
    takes no difference. *)
Theorem gap : forall n q df load, df < n -> df < q -> (n - df) * (q - df) = load ->
  let e := Rmin n q - df in let surplus := Rabs (n - q) in
  e * (e + surplus) = load /\ e = f.feature_gap load surplus (sqrt (f.feature_gap_discriminant load surplus)).
Proof.
  cbv zeta. intros n q df load Hn Hq E. set (e := Rmin n q - df). set (s := Rabs (n - q)).
  assert (P : 0 < e) by (unfold e; assert (df < Rmin n q) by (apply Rmin_glb_lt; assumption); lra).
  assert (S : 0 <= s) by apply Rabs_pos.
  assert (L : e * (e + s) = load).
  { rewrite <- E. unfold e, s, Rmin. destruct (Rle_dec n q) as [A|A].
    - rewrite Rabs_left1 by lra. ring.
    - apply Rnot_le_lt in A. rewrite Rabs_right by lra. ring. }
  split; [exact L |]. unfold f.feature_gap, f.feature_gap_discriminant. rewrite <- L.
  replace (s * s + 4 * (e * (e + s))) with ((2 * e + s) * (2 * e + s)) by ring. rewrite sqrt_square by lra. field. lra.
Qed.

Definition above (x : R) := (x + Rabs x) / 2.
Lemma above_pos x : 0 <= x -> above x = x. Proof. intros. unfold above. rewrite Rabs_right; lra. Qed.
Lemma above_neg x : x <= 0 -> above x = 0. Proof. intros. unfold above. rewrite Rabs_left1; lra. Qed.
Lemma above_nonneg x : 0 <= above x.
Proof. destruct (Rle_lt_dec 0 x); [rewrite above_pos | rewrite above_neg]; lra. Qed.
Lemma above_le x y : x <= y -> 0 <= y -> above x <= y.
Proof. intros. destruct (Rle_lt_dec 0 x); [rewrite above_pos | rewrite above_neg]; lra. Qed.

(** one root: with a ridge there is exactly one nu at which the one equation holds and df is below n and q, for any
    number of modes. *)
Theorem one_root : forall p lam n q delta, positive p lam -> 0 < n -> 0 < q -> 0 < delta ->
  let root nu := 0 < nu /\ freedom p lam nu < n /\ freedom p lam nu < q /\
    (n - freedom p lam nu) * (q - freedom p lam nu) = q * delta / nu in
  (exists nu, root nu) /\ forall s t, root s -> root t -> s = t.
Proof.
  cbv zeta. intros p lam n q delta HL Hn Hq Hd.
  assert (F0 : forall t, 0 < t -> 0 <= freedom p lam t).
  { intros t Ht. apply Sum_nonneg. intros i Hi. pose proof (share_inside lam t i (HL i Hi) Ht). lra. }
  split.
  - destruct (Sum_bounds lam p HL) as (lo & hi & LO & LB). pose proof (pos_INR p) as P.
    set (h := Rmax hi 1). assert (H1 : 1 <= h) by apply Rmax_r. assert (Hh : hi <= h) by apply Rmax_l.
    assert (PH : 0 <= INR p * h) by (apply Rmult_le_pos; lra).
    set (a := delta / n / 2). set (b := 2 * (INR p * h) / n + 2 * (INR p * h) / q + 5 * (delta / n)).
    assert (D : 0 < delta / n) by (apply Rdiv_lt_0_compat; lra).
    assert (B1 : 0 <= 2 * (INR p * h) / n) by (apply Rle_mult_inv_pos; lra).
    assert (B2 : 0 <= 2 * (INR p * h) / q) by (apply Rle_mult_inv_pos; lra).
    assert (AB : 0 < a < b) by (unfold a, b; lra).
    set (g := fun t => above (n - freedom p lam t) * above (q - freedom p lam t) * t).
    assert (FB : freedom p lam b * b <= INR p * h).
    { rewrite Rmult_comm. unfold freedom, f.degrees_of_freedom. rewrite <- Sum_scal, <- Sum_const. apply Sum_le. intros i Hi.
      specialize (HL i Hi). specialize (LB i Hi). unfold learnt, f.one_minus_zeta.
      replace (b * (lam i / (lam i + b))) with (lam i * b / (lam i + b)) by (field; lra). apply le_div_l; [lra |]. nra. }
    assert (half : forall m, 0 < m -> 2 * (INR p * h) / m <= b -> m / 2 <= m - freedom p lam b).
    { intros m Hm Hb. assert (freedom p lam b <= m / 2); [| lra]. apply Rmult_le_reg_r with b; [lra |].
      apply Rle_trans with (1 := FB). apply (Rmult_le_compat_l (m / 2)) in Hb; [| lra].
      replace (m / 2 * (2 * (INR p * h) / m)) with (INR p * h) in Hb by (field; lra). exact Hb. }
    destruct (IVT_interv (fun t => g t - q * delta) a b) as (t & Ht & Et).
    + intros x Hx. apply continuity_pt_minus; [| apply continuity_pt_const; intros ? ?; reflexivity].
      assert (CF : continuity_pt (fun t => freedom p lam t) x).
      { unfold freedom, f.degrees_of_freedom. apply Sum_continuity. intros i Hi. specialize (HL i Hi). unfold learnt, f.one_minus_zeta.
        apply continuity_pt_div; [apply continuity_pt_const; intros ? ?; reflexivity | | lra].
        apply continuity_pt_plus; [apply continuity_pt_const; intros ? ?; reflexivity | apply continuity_pt_id]. }
      assert (CA : forall m, continuity_pt (fun t => above (m - freedom p lam t)) x).
      { intros m. assert (CM : continuity_pt (fun t => m - freedom p lam t) x)
          by (apply continuity_pt_minus; [apply continuity_pt_const; intros ? ?; reflexivity | exact CF]).
        unfold above. apply continuity_pt_mult; [| apply continuity_pt_const; intros ? ?; reflexivity].
        apply continuity_pt_plus; [exact CM |]. apply (continuity_pt_comp (fun t => m - freedom p lam t) Rabs); [exact CM | apply Rcontinuity_abs]. }
      unfold g. apply continuity_pt_mult; [apply continuity_pt_mult; apply CA | apply continuity_pt_id].
    + lra.
    + assert (above (n - freedom p lam a) <= n) by (pose proof (F0 a (proj1 AB)); apply above_le; lra).
      assert (above (q - freedom p lam a) <= q) by (pose proof (F0 a (proj1 AB)); apply above_le; lra).
      assert (above (n - freedom p lam a) * above (q - freedom p lam a) <= n * q) by (apply Rmult_le_compat; auto using above_nonneg).
      assert (g a <= n * q * a) by (unfold g; apply Rmult_le_compat_r; lra).
      assert (n * q * a = q * delta / 2) by (unfold a; field; lra). assert (0 < q * delta) by (apply Rmult_lt_0_compat; assumption). lra.
    + assert (NB : n / 2 <= n - freedom p lam b) by (apply half; unfold b; lra).
      assert (QB : q / 2 <= q - freedom p lam b) by (apply half; unfold b; lra).
      unfold g. rewrite !above_pos by lra.
      assert (n / 2 * (q / 2) <= (n - freedom p lam b) * (q - freedom p lam b)) by (apply Rmult_le_compat; lra).
      assert (n / 2 * (q / 2) * b <= (n - freedom p lam b) * (q - freedom p lam b) * b) by (apply Rmult_le_compat_r; lra).
      assert (n / 2 * (q / 2) * (5 * (delta / n)) <= n / 2 * (q / 2) * b) by (apply Rmult_le_compat_l; [nra | unfold b; lra]).
      assert (n / 2 * (q / 2) * (5 * (delta / n)) = 5 / 4 * (q * delta)) by (field; lra).
      assert (0 < q * delta) by (apply Rmult_lt_0_compat; assumption). lra.
    + assert (T : 0 < t) by lra. assert (E : g t = q * delta) by lra. assert (Q : 0 < q * delta) by (apply Rmult_lt_0_compat; assumption).
      unfold g in E. exists t. split; [exact T |].
      destruct (Rle_lt_dec (n - freedom p lam t) 0) as [A|A]; [rewrite (above_neg _ A) in E; lra |].
      destruct (Rle_lt_dec (q - freedom p lam t) 0) as [B|B]; [rewrite (above_neg _ B) in E; lra |].
      rewrite !above_pos in E by lra. split; [lra | split; [lra |]]. rewrite <- E. field. lra.
  - assert (W : forall s t, 0 < s < t -> freedom p lam s < n -> freedom p lam s < q ->
      (n - freedom p lam s) * (q - freedom p lam s) = q * delta / s -> (n - freedom p lam t) * (q - freedom p lam t) = q * delta / t -> False).
    { intros s t Hst N1 Q1 E1 E2. assert (M : freedom p lam t <= freedom p lam s) by (apply Sum_le; intros i Hi; left; apply share_falls; auto).
      assert ((n - freedom p lam s) * (q - freedom p lam s) <= (n - freedom p lam t) * (q - freedom p lam t)) by (apply Rmult_le_compat; lra).
      assert (q * delta / t < q * delta / s); [| lra]. apply Rmult_lt_compat_l; [apply Rmult_lt_0_compat; assumption |].
      apply Rinv_lt_contravar; [apply Rmult_lt_0_compat |]; lra. }
    intros s t (Hs & N1 & Q1 & E1) (Ht & N2 & Q2 & E2). destruct (Rtotal_order s t) as [L|[L|L]]; [exfalso | exact L | exfalso].
    + apply (W s t); auto.
    + apply (W t s); auto.
Qed.

(** control of gap: twice the gap. *)
Theorem not_twice : ~ forall load surplus, 0 < load -> 0 <= surplus ->
  let e := 2 * f.feature_gap load surplus (sqrt (f.feature_gap_discriminant load surplus)) in e * (e + surplus) = load.
Proof.
  formulas. intros H. specialize (H 1 0 ltac:(lra) ltac:(lra)). cbv beta zeta in H.
  replace (0 * 0 + 4 * 1) with (2 * 2) in H by ring. rewrite sqrt_square in H by lra. lra.
Qed.
