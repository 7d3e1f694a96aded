(* g of 1.slope where modes count in parts: its second derivative, and what one evaluation says of its root. *)
From KD Require Export Calc.
From KD Require Export Modes.

(* ---- means of rates x in [a, 1] with weights w ---- *)
Lemma moments k (w x : nat -> R) a : (forall i, (i < k)%nat -> 0 <= w i) -> (forall i, (i < k)%nat -> a <= x i <= 1) ->
  a * Sum w k <= Sum (fun i => w i * x i) k <= Sum w k /\
  Sum (fun i => w i * x i * x i) k <= (1 + a) * Sum (fun i => w i * x i) k - a * Sum w k /\
  forall c, 0 <= Sum (fun i => w i * x i * x i) k - 2 * c * Sum (fun i => w i * x i) k + c * c * Sum w k.
Proof.
  intros W X. split; [split | split].
  - rewrite <- Sum_scal. apply Sum_le. intros i Hi. specialize (W i Hi). specialize (X i Hi). rewrite Rmult_comm. apply Rmult_le_compat_l; lra.
  - apply Sum_le. intros i Hi. specialize (W i Hi). specialize (X i Hi). rewrite <- (Rmult_1_r (w i)) at 2. apply Rmult_le_compat_l; lra.
  - rewrite <- !Sum_scal, <- Sum_minus. apply Sum_le. intros i Hi. specialize (W i Hi). specialize (X i Hi).
    assert (0 <= w i * ((1 - x i) * (x i - a))) by (apply Rmult_le_pos; [lra | apply Rmult_le_pos; lra]). lra.
  - intros c. rewrite <- !Sum_scal, <- Sum_minus, <- Sum_plus. apply Sum_nonneg. intros i Hi. specialize (W i Hi).
    replace (w i * x i * x i - 2 * c * (w i * x i) + c * c * w i) with (w i * (x i - c) * (x i - c)) by ring. apply sq_nonneg. exact W.
Qed.
Lemma means S A Q a : 0 < S -> a * S <= A <= S -> Q <= (1 + a) * A - a * S -> (forall c, 0 <= Q - 2 * c * A + c * c * S) ->
  a <= A / S <= 1 /\ A / S * (A / S) <= Q / S <= (1 + a) * (A / S) - a.
Proof.
  intros P [L U] C D. split; split.
  - apply le_div_r; lra.
  - apply le_div_l; lra.
  - apply le_div_r; [exact P |]. specialize (D (A / S)). replace (2 * (A / S) * A) with (2 * (A / S * (A / S) * S)) in D by (field; lra). lra.
  - apply le_div_l; [exact P |]. replace (((1 + a) * (A / S) - a) * S) with ((1 + a) * A - a * S) by (field; lra). exact C.
Qed.
Lemma bends a m k : 0 <= a <= 1 -> a <= m <= 1 -> 1 - a <= k <= 1 -> (1 - m) * (m - 2 * a) + k * (1 - k) <= 1 / 4.
Proof.
  intros Ha Hm Hk. destruct (Rle_lt_dec a (1 / 2)) as [L | L].
  - pose proof (Rle_0_sqr (m - (1 + 2 * a) / 2)) as Q. unfold Rsqr in Q.
    assert (0 <= (k - (1 - a)) * (k - a)) by (apply Rmult_le_pos; lra). lra.
  - pose proof (Rle_0_sqr (k - 1 / 2)) as Q. unfold Rsqr in Q. assert (0 <= (1 - m) * (2 * a - m)) by (apply Rmult_le_pos; lra). lra.
Qed.

(* ---- derivatives along u = log tau ---- *)
Lemma learnt_along lam i u : 0 < lam i -> is_derive (fun u => learnt lam (exp u) i) u (- (zetas lam (exp u) i * learnt lam (exp u) i)).
Proof. intros. pose proof (exp_pos u). unfold learnt, zetas, f.one_minus_zeta, f.zeta. auto_derive; [lra |]. field. lra. Qed.
Lemma zeta_along lam i u : 0 < lam i -> is_derive (fun u => zetas lam (exp u) i) u (zetas lam (exp u) i * learnt lam (exp u) i).
Proof. intros. pose proof (exp_pos u). unfold learnt, zetas, f.one_minus_zeta, f.zeta. auto_derive; [lra |]. field. lra. Qed.
Lemma spread_along lam i u : 0 < lam i -> is_derive (fun u => f.spread (zetas lam (exp u) i) (learnt lam (exp u) i)) u
  (zetas lam (exp u) i * learnt lam (exp u) i * (learnt lam (exp u) i - zetas lam (exp u) i)).
Proof. intros. pose proof (exp_pos u). unfold f.spread, learnt, zetas, f.one_minus_zeta, f.zeta. auto_derive; [lra |]. field. lra. Qed.
Lemma zeta_inside lam t i : 0 < lam i -> 0 < t -> 0 < zetas lam t i < 1 /\ learnt lam t i = 1 - zetas lam t i.
Proof. intros. unfold learnt, zetas, f.one_minus_zeta, f.zeta. split; [split; [pos | apply lt_div_l; lra] | field; lra]. Qed.
Lemma zeta_falls x y t : 0 < x <= y -> 0 < t -> f.zeta y t <= f.zeta x t.
Proof. intros. unfold f.zeta. apply Rmult_le_compat_l; [lra | apply Rinv_le_contravar; lra]. Qed.
Lemma along (w : nat -> R) (g : nat -> R -> R) (d : nat -> R) k u : (forall i, (i < k)%nat -> is_derive (g i) u (d i)) ->
  is_derive (fun u => Sum (fun i => w i * g i u) k) u (Sum (fun i => w i * d i) k).
Proof. intros D. apply (Sum_derive (fun i u => w i * g i u)). intros i Hi. apply (is_derive_scal (g i)). exact (D i Hi). Qed.
Lemma Sum_split f a b : Sum f (a + b) = Sum f a + Sum (fun i => f (a + i)%nat) b.
Proof. induction b as [| b IH]; [rewrite Nat.add_0_r; simpl; ring |]. rewrite Nat.add_succ_r. simpl. rewrite IH. ring. Qed.

Section Weighted.
(* kh eigenvalues of the head and kt of the tail, with their weights; the tail's are not above the head's *)
Variables (kh kt : nat) (head tail wh wt : nat -> R) (delta surplus : R).
Hypotheses (Hk : (0 < kh)%nat) (HH : positive kh head) (HT : positive kt tail) (WH : positive kh wh) (WT : positive kt wt)
  (HS : forall i j, (i < kh)%nat -> (j < kt)%nat -> tail j <= head i) (Hd : 0 <= delta) (Hs : 0 <= surplus)
  (Hc : (0 < kt)%nat /\ surplus = 0 \/ kt = 0%nat /\ 0 < delta).

Definition w_numerator u := f.split_numerator (Sum (fun i => wt i * learnt tail (exp u) i) kt) (delta / exp u).
Definition w_denominator u := f.split_denominator (Sum (fun i => wh i * zetas head (exp u) i) kh) surplus.
Definition tail_spread u := Sum (fun i => wt i * f.spread (zetas tail (exp u) i) (learnt tail (exp u) i)) kt.
Definition head_spread u := Sum (fun i => wh i * f.spread (zetas head (exp u) i) (learnt head (exp u) i)) kh.
Definition w_slope u := f.split_minus_slope (tail_spread u) (head_spread u) (w_numerator u) (w_denominator u) (delta / exp u).
Definition w_g u := ln (w_numerator u / w_denominator u).
Definition tail_squares u := Sum (fun i => wt i * learnt tail (exp u) i * zetas tail (exp u) i * zetas tail (exp u) i) kt.
Definition head_squares u := Sum (fun i => wh i * zetas head (exp u) i * learnt head (exp u) i * learnt head (exp u) i) kh.

Lemma pivot u : exists a, 0 <= a <= 1 /\ (forall j, (j < kt)%nat -> a <= zetas tail (exp u) j <= 1) /\
  (forall i, (i < kh)%nat -> 1 - a <= learnt head (exp u) i < 1) /\ (surplus = 0 \/ a = 1).
Proof.
  pose proof (exp_pos u) as T.
  assert (Y : forall i, (i < kh)%nat -> 0 < zetas head (exp u) i < 1 /\ learnt head (exp u) i = 1 - zetas head (exp u) i)
    by (intros i Hi; apply zeta_inside; auto).
  assert (Z : forall j, (j < kt)%nat -> 0 < zetas tail (exp u) j < 1) by (intros j Hj; apply zeta_inside; auto).
  destruct Hc as [[K S] | [K D]].
  - destruct (Sum_argmax tail kt K) as (m & Hm & M). exists (zetas tail (exp u) m). pose proof (Z m Hm) as Zm.
    split; [lra | split; [| split; [| left; exact S]]].
    + intros j Hj. specialize (Z j Hj). split; [apply zeta_falls; [split; auto | exact T] | lra].
    + intros i Hi. destruct (Y i Hi) as [? ->]. pose proof (zeta_falls (tail m) (head i) (exp u) (conj (HT m Hm) (HS i m Hi Hm)) T).
      unfold zetas in *. lra.
  - exists 1. split; [lra | split; [intros j Hj; rewrite K in Hj; lia | split; [| right; reflexivity]]].
    intros i Hi. destruct (Y i Hi) as [? ->]. lra.
Qed.
Lemma numerator_pos u : 0 < w_numerator u.
Proof.
  pose proof (exp_pos u) as T. unfold w_numerator, f.split_numerator.
  assert (L : forall j, (j < kt)%nat -> 0 < wt j * learnt tail (exp u) j).
  { intros j Hj. destruct (zeta_inside tail (exp u) j (HT j Hj) T) as [? ->]. apply Rmult_lt_0_compat; [auto | lra]. }
  destruct Hc as [[K _] | [K D]].
  - pose proof (Sum_pos _ kt K L). assert (0 <= delta / exp u) by (apply Rle_mult_inv_pos; assumption). lra.
  - rewrite K. simpl. assert (0 < delta / exp u) by (apply Rdiv_lt_0_compat; assumption). lra.
Qed.
Lemma denominator_pos u : 0 < w_denominator u.
Proof.
  unfold w_denominator, f.split_denominator. cut (0 < Sum (fun i => wh i * zetas head (exp u) i) kh); [lra |].
  apply Sum_pos; [exact Hk |]. intros i Hi. apply Rmult_lt_0_compat; [auto | apply zeta_inside; [auto | apply exp_pos]].
Qed.

(* means and mean squares of the rates, of the ridge (rate 1) and of the surplus (rate 0) *)
Lemma rates u : exists a, 0 <= a <= 1 /\
  let m := (tail_spread u + delta / exp u) / w_numerator u in let k := head_spread u / w_denominator u in
  let q := (tail_squares u + delta / exp u) / w_numerator u in let p := head_squares u / w_denominator u in
  (a <= m <= 1 /\ m * m <= q <= (1 + a) * m - a) /\ (1 - a <= k <= 1 /\ k * k <= p <= (1 + (1 - a)) * k - (1 - a)) /\ k < 1.
Proof.
  destruct (pivot u) as (a & A & Z & Y & C). exists a. split; [exact A |]. cbv zeta. pose proof (exp_pos u) as T.
  assert (R0 : 0 <= delta / exp u) by (apply Rle_mult_inv_pos; assumption). set (r := delta / exp u) in *.
  assert (W1 : forall i, (i < kt)%nat -> 0 <= wt i * learnt tail (exp u) i).
  { intros i Hi. destruct (zeta_inside tail (exp u) i (HT i Hi) T) as [? ->]. apply Rmult_le_pos; [left; auto | lra]. }
  assert (W2 : forall i, (i < kh)%nat -> 0 < wh i * zetas head (exp u) i).
  { intros i Hi. destruct (zeta_inside head (exp u) i (HH i Hi) T) as [? _]. apply Rmult_lt_0_compat; [auto | lra]. }
  assert (E1 : tail_spread u = Sum (fun i => wt i * learnt tail (exp u) i * zetas tail (exp u) i) kt)
    by (apply Sum_ext; intros; unfold f.spread; ring).
  assert (E2 : head_spread u = Sum (fun i => wh i * zetas head (exp u) i * learnt head (exp u) i) kh)
    by (apply Sum_ext; intros; unfold f.spread; ring).
  destruct (moments kt (fun i => wt i * learnt tail (exp u) i) (fun i => zetas tail (exp u) i) a W1 Z) as ([L1 U1] & C1 & D1).
  destruct (moments kh (fun i => wh i * zetas head (exp u) i) (fun i => learnt head (exp u) i) (1 - a)) as ([L2 U2] & C2 & D2);
    [intros i Hi; left; auto | intros i Hi; specialize (Y i Hi); lra |].
  assert (S2 : head_spread u < Sum (fun i => wh i * zetas head (exp u) i) kh).
  { rewrite E2. apply Sum_lt; [exact Hk |]. intros i Hi. specialize (Y i Hi). specialize (W2 i Hi).
    rewrite <- (Rmult_1_r (wh i * zetas head (exp u) i)) at 2. apply Rmult_lt_compat_l; lra. }
  rewrite <- E1 in *. rewrite <- E2 in *. fold (tail_squares u) in *. fold (head_squares u) in *.
  assert (C0 : (1 - a) * surplus = 0) by (destruct C as [-> | ->]; ring).
  pose proof (numerator_pos u) as N0. pose proof (denominator_pos u) as D0.
  unfold w_numerator, w_denominator, f.split_numerator, f.split_denominator in *. fold r in N0 |- *.
  set (s1 := Sum (fun i => wt i * learnt tail (exp u) i) kt) in *. set (s2 := Sum (fun i => wh i * zetas head (exp u) i) kh) in *.
  assert (AR : 0 <= (1 - a) * r) by (apply Rmult_le_pos; lra).
  repeat apply conj.
  1-4: apply (means (s1 + r) (tail_spread u + r) (tail_squares u + r) a N0); [split; lra | lra |];
    intros c; specialize (D1 c); assert (0 <= r * (1 - c) * (1 - c)) by (apply sq_nonneg; exact R0); lra.
  1-4: apply (means (s2 + surplus) (head_spread u) (head_squares u) (1 - a) D0); [split; lra | lra |];
    intros c; specialize (D2 c); assert (0 <= surplus * c * c) by (apply sq_nonneg; exact Hs); lra.
  apply lt_div_l; lra.
Qed.

Lemma slope_inside u : 1 <= w_slope u < 2.
Proof. destruct (rates u) as (a & A & ([? ?] & ?) & ([? ?] & ?) & ?). unfold w_slope, f.split_minus_slope. lra. Qed.
Lemma numerator_along u : is_derive w_numerator u (- (tail_spread u + delta / exp u)).
Proof.
  replace (- (tail_spread u + delta / exp u)) with (Sum (fun i => wt i * - (zetas tail (exp u) i * learnt tail (exp u) i)) kt + - (delta / exp u)).
  - apply (is_derive_plus (fun u => Sum (fun i => wt i * learnt tail (exp u) i) kt) (fun u => delta / exp u) u
      (Sum (fun i => wt i * - (zetas tail (exp u) i * learnt tail (exp u) i)) kt) (- (delta / exp u))).
    + apply (along wt (fun i u => learnt tail (exp u) i)). intros i Hi. apply learnt_along. auto.
    + pose proof (exp_pos u). auto_derive; [lra | field; lra].
  - cut (Sum (fun i => wt i * - (zetas tail (exp u) i * learnt tail (exp u) i)) kt = - 1 * tail_spread u); [lra |].
    unfold tail_spread. rewrite <- Sum_scal. apply Sum_ext. intros. unfold f.spread. ring.
Qed.
Lemma denominator_along u : is_derive w_denominator u (head_spread u).
Proof.
  unfold w_denominator, f.split_denominator. rewrite <- (Rplus_0_r (head_spread u)).
  apply (is_derive_plus (fun u => Sum (fun i => wh i * zetas head (exp u) i) kh) (fun _ => surplus) u (head_spread u) 0);
    [| apply is_derive_Reals, derivable_pt_lim_const].
  unfold head_spread. apply (along wh (fun i u => zetas head (exp u) i)). intros i Hi. apply zeta_along. auto.
Qed.
Lemma g_along u : is_derive w_g u (- w_slope u).
Proof.
  pose proof (numerator_pos u). pose proof (denominator_pos u). pose proof (exp_pos u).
  replace (- w_slope u) with (- (tail_spread u + delta / exp u) / w_numerator u - head_spread u / w_denominator u)
    by (unfold w_slope, f.split_minus_slope; field; lra).
  apply derive_ln_quotient; [apply numerator_along | apply denominator_along | assumption | assumption].
Qed.
Lemma root_where_equal u : w_g u = 0 <-> w_numerator u = w_denominator u.
Proof.
  pose proof (numerator_pos u) as N. pose proof (denominator_pos u) as D. unfold w_g. split; intros E.
  - assert (Q : w_numerator u / w_denominator u = 1) by (rewrite <- (exp_ln (w_numerator u / w_denominator u)), E; [apply exp_0 | apply Rdiv_lt_0_compat; assumption]).
    apply (f_equal (fun x => x * w_denominator u)) in Q. unfold Rdiv in Q. rewrite Rmult_assoc, Rinv_l in Q by lra. lra.
  - rewrite E. replace (w_denominator u / w_denominator u) with 1 by (field; lra). apply ln_1.
Qed.
Lemma spread_sums_along u :
  is_derive (fun u => tail_spread u + delta / exp u) u (tail_spread u - 2 * tail_squares u - delta / exp u) /\
  is_derive head_spread u (2 * head_squares u - head_spread u).
Proof.
  pose proof (exp_pos u) as T. split.
  - replace (tail_spread u - 2 * tail_squares u - delta / exp u)
      with (Sum (fun i => wt i * (zetas tail (exp u) i * learnt tail (exp u) i * (learnt tail (exp u) i - zetas tail (exp u) i))) kt + - (delta / exp u)).
    + apply (is_derive_plus tail_spread (fun u => delta / exp u) u
        (Sum (fun i => wt i * (zetas tail (exp u) i * learnt tail (exp u) i * (learnt tail (exp u) i - zetas tail (exp u) i))) kt) (- (delta / exp u))).
      * apply (along wt (fun i u => f.spread (zetas tail (exp u) i) (learnt tail (exp u) i))). intros i Hi. apply spread_along. auto.
      * auto_derive; [lra | field; lra].
    + unfold Rminus at 2. f_equal. unfold tail_spread, tail_squares. rewrite <- Sum_scal, <- Sum_minus. apply Sum_ext. intros i Hi.
      destruct (zeta_inside tail (exp u) i (HT i Hi) T) as [_ ->]. unfold f.spread. ring.
  - replace (2 * head_squares u - head_spread u)
      with (Sum (fun i => wh i * (zetas head (exp u) i * learnt head (exp u) i * (learnt head (exp u) i - zetas head (exp u) i))) kh).
    + apply (along wh (fun i u => f.spread (zetas head (exp u) i) (learnt head (exp u) i))). intros i Hi. apply spread_along. auto.
    + unfold head_spread, head_squares. rewrite <- Sum_scal, <- Sum_minus. apply Sum_ext. intros i Hi.
      destruct (zeta_inside head (exp u) i (HH i Hi) T) as [_ ->]. unfold f.spread. ring.
Qed.
Lemma slope_along u : exists d, is_derive w_slope u d /\ Rabs d <= 1 / 4.
Proof.
  pose proof (numerator_pos u) as N0. pose proof (denominator_pos u) as D0. destruct (spread_sums_along u) as [AT AH]. pose proof (exp_pos u).
  set (A := tail_spread u + delta / exp u) in *. set (N := w_numerator u) in *. set (D := w_denominator u) in *. set (B := head_spread u) in *.
  set (A' := tail_spread u - 2 * tail_squares u - delta / exp u) in *. set (B' := 2 * head_squares u - B) in *.
  exists ((A' * N - A * - A) / N ^ 2 + (B' * D - B * B) / D ^ 2). split.
  - apply (is_derive_plus (fun u => (tail_spread u + delta / exp u) / w_numerator u) (fun u => head_spread u / w_denominator u) u
      ((A' * N - A * - A) / N ^ 2) ((B' * D - B * B) / D ^ 2)).
    + apply (is_derive_div (fun u => tail_spread u + delta / exp u) w_numerator u A' (- A) AT (numerator_along u)). unfold N in N0. lra.
    + apply (is_derive_div head_spread w_denominator u B' B AH (denominator_along u)). unfold D in D0. lra.
  - destruct (rates u) as (a & Ha & ([Ma Mb] & [Qa Qb]) & ([Ka Kb] & [Pa Pb]) & _). fold A N B D in Ma, Mb, Qa, Qb, Ka, Kb, Pa, Pb.
    set (q := (tail_squares u + delta / exp u) / N) in *. set (p := head_squares u / D) in *. set (m := A / N) in *. set (k := B / D) in *.
    replace ((A' * N - A * - A) / N ^ 2 + (B' * D - B * B) / D ^ 2) with (m - 2 * q + m * m + (2 * p - k - k * k))
      by (unfold m, q, p, k, A', B', A; field; lra).
    pose proof (bends a m k Ha (conj Ma Mb) (conj Ka Kb)). pose proof (bends (1 - a) k m ltac:(lra) (conj Ka Kb) ltac:(lra)).
    apply Rabs_le. lra.
Qed.
End Weighted.

(* ---- what |g''| <= 1/4 and slopes in [1, 2) say of a root ---- *)
Lemma one_side (h d : R -> R) u v : (forall x, is_derive h x (d x)) -> (forall x, Rabs (d x) <= Rabs (x - u) / 4) -> h v - h u <= (v - u) * (v - u) / 8.
Proof.
  intros D B. assert (P : forall x, is_derive (fun x => h x - (x - u) * (x - u) / 8) x (d x - (x - u) / 4)).
  { intros x. apply (is_derive_minus h (fun x => (x - u) * (x - u) / 8) x (d x) ((x - u) / 4)); [apply D | auto_derive; [trivial | field]]. }
  destruct (MVT_gen (fun x => h x - (x - u) * (x - u) / 8) u v (fun x => d x - (x - u) / 4)) as (c & Hc & E).
  - intros x _. apply P.
  - intros x _. apply continuity_pt_filterlim, (ex_derive_continuous (fun x => h x - (x - u) * (x - u) / 8)). eexists. apply P.
  - cbv beta in E. specialize (B c). cut ((d c - (c - u) / 4) * (v - u) <= 0); [lra |]. destruct (Rle_lt_dec u v).
    + rewrite Rmin_left, Rmax_right in Hc by lra. rewrite (Rabs_right (c - u)) in B by lra. pose proof (Rle_abs (d c)). nra.
    + rewrite Rmin_right, Rmax_left in Hc by lra. rewrite (Rabs_left1 (c - u)) in B by lra. pose proof (Rle_abs (- d c)) as Q. rewrite Rabs_Ropp in Q. nra.
Qed.
Section Newton.
Variables (g s : R -> R).
Hypotheses (Dg : forall u, is_derive g u (- s u)) (S12 : forall u, 1 <= s u < 2) (Ds : forall u, exists d, is_derive s u d /\ Rabs d <= 1 / 4).
Lemma slopes_near x y : Rabs (s x - s y) <= 1 / 4 * Rabs (x - y).
Proof.
  assert (I : forall u, is_derive s u (Derive s u) /\ Rabs (Derive s u) <= 1 / 4).
  { intros u. destruct (Ds u) as (d & D & B). rewrite (is_derive_unique s u d D). split; assumption. }
  destruct (MVT_gen s y x (Derive s)) as (c & _ & E).
  - intros z _. apply I.
  - intros z _. apply continuity_pt_filterlim, (ex_derive_continuous s). eexists. apply I.
  - rewrite E, Rabs_mult. apply Rmult_le_compat_r; [apply Rabs_pos | apply I].
Qed.
Lemma mean_slope u v : exists c, g v - g u = - s c * (v - u).
Proof.
  destruct (MVT_gen g u v (fun x => - s x)) as (c & _ & E).
  - intros z _. apply Dg.
  - intros z _. apply continuity_pt_filterlim, (ex_derive_continuous g). eexists. apply Dg.
  - exists c. exact E.
Qed.
Lemma second_order u v : Rabs (g v - g u + s u * (v - u)) <= (v - u) * (v - u) / 8.
Proof.
  assert (D : forall x, is_derive (fun x => g x + s u * (x - u)) x (s u - s x)).
  { intros x. replace (s u - s x) with (- s x + s u) by ring.
    apply (is_derive_plus g (fun x => s u * (x - u)) x (- s x) (s u)); [apply Dg | auto_derive; [trivial | ring]]. }
  assert (B : forall x, Rabs (s u - s x) <= Rabs (x - u) / 4).
  { intros x. pose proof (slopes_near u x) as Q. rewrite (Rabs_minus_sym x u). lra. }
  apply Rabs_le. split.
  - pose proof (one_side (fun x => - (g x + s u * (x - u))) (fun x => - (s u - s x)) u v) as Q. cbv beta in Q.
    cut (- (g v + s u * (v - u)) - - (g u + s u * (u - u)) <= (v - u) * (v - u) / 8); [lra |]. apply Q.
    + intros x. apply (is_derive_opp (fun x => g x + s u * (x - u))). apply D.
    + intros x. rewrite Rabs_Ropp. apply B.
  - pose proof (one_side (fun x => g x + s u * (x - u)) (fun x => s u - s x) u v D B) as Q. cbv beta in Q. lra.
Qed.
Lemma from_one_evaluation u v : g v = 0 ->
  Rabs (g u) / 2 <= Rabs (v - u) <= Rabs (g u) /\
  (exists m, s u - f.slope_slack (Rabs (g u)) <= m <= s u + f.slope_slack (Rabs (g u)) /\ 1 <= m /\ v - u = g u / m) /\
  (u <> v -> Rabs (v - (u + g u / s u)) < Rabs (v - u)) /\ Rabs (v - (u + g u / s u)) <= (v - u) * (v - u) / 8.
Proof.
  intros Z. destruct (mean_slope u v) as (c & E). pose proof (S12 c) as C. pose proof (S12 u) as U. pose proof (second_order u v) as T.
  rewrite Z in *. assert (G : g u = s c * (v - u)) by lra. assert (A : Rabs (g u) = s c * Rabs (v - u)) by (rewrite G, Rabs_mult, (Rabs_right (s c)) by lra; reflexivity).
  pose proof (Rabs_pos (v - u)) as P. assert (B : Rabs (v - u) <= Rabs (g u)) by (rewrite A; nra).
  assert (L : v - (u + g u / s u) = (0 - g u + s u * (v - u)) / s u) by (field; lra).
  assert (I : 0 < / s u <= 1) by (split; [apply Rinv_0_lt_compat; lra | rewrite <- Rinv_1; apply Rinv_le_contravar; lra]).
  assert (Q : (v - u) * (v - u) = Rabs (v - u) * Rabs (v - u)) by (rewrite <- Rabs_mult; symmetry; apply Rabs_right, Rle_ge, Rle_0_sqr).
  split; [split; [rewrite A; nra | exact B] |]. split; [| split].
  - unfold f.slope_slack. destruct (Req_dec u v) as [-> | N].
    + exists (s v). rewrite Z, Rabs_R0. split; [lra | split; [lra | unfold Rdiv; ring]].
    + exists (s c). split; [| split; [lra | rewrite G; field; lra]].
      assert (P' : 0 < Rabs (v - u)) by (apply Rabs_pos_lt; lra).
      assert (K : Rabs (s u - s c) <= Rabs (v - u) / 8).
      { apply Rmult_le_reg_r with (1 := P'). rewrite <- Rabs_mult. replace ((s u - s c) * (v - u)) with (0 - g u + s u * (v - u)) by (rewrite G; ring). lra. }
      apply Rabs_le_between in K. lra.
  - intros N. assert (P' : 0 < Rabs (v - u)) by (apply Rabs_pos_lt; lra).
    replace (v - (u + g u / s u)) with ((v - u) * (1 - s c / s u)) by (rewrite G; field; lra). rewrite Rabs_mult.
    rewrite <- (Rmult_1_r (Rabs (v - u))) at 2. apply Rmult_lt_compat_l; [exact P' |].
    assert (0 < s c / s u) by (apply Rdiv_lt_0_compat; lra). assert (s c / s u < 2) by (apply lt_div_l; lra). apply Rabs_def1; lra.
  - rewrite L. unfold Rdiv at 1. rewrite Rabs_mult, (Rabs_right (/ s u)) by lra. pose proof (Rabs_pos (0 - g u + s u * (v - u))). nra.
Qed.
End Newton.
