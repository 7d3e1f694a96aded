From KD Require Import Roots.

(** n < p: the root with a ridge lies above the ridgeless one by at most delta/(n (1 - Omega)) at delta = 0. *)
Theorem moves_little : forall p lam n delta tau grown, (0 < p)%nat -> positive p lam -> 0 < n -> 0 < delta -> 0 < tau -> 0 < grown ->
  fixed_point p lam n 0 tau -> fixed_point p lam n delta grown ->
  0 < grown - tau <= delta / (n * one_minus_omega_at p lam n 0 tau).
Proof.
  intros p lam n delta tau grown Hp HL Hn Hd Ht Hg E0 E1. apply root_of in E0. apply root_of in E1.
  assert (D : 0 < delta / grown) by (apply Rdiv_lt_0_compat; assumption).
  unfold left_side in *. replace (0 / tau) with 0 in E0 by (field; lra).
  assert (G : tau < grown).
  { destruct (Rtotal_order tau grown) as [Q|[Q|Q]]; [exact Q | subst; lra |].
    assert (Sum (learnt lam tau) p < Sum (learnt lam grown) p); [| lra].
    apply Sum_lt; [exact Hp | intros i Hi; apply share_falls; auto]. }
  set (S := Sum (fun i => f.spread (zetas lam tau i) (learnt lam tau i)) p).
  assert (SP : 0 < S) by (apply Sum_pos; [exact Hp | intros i Hi; specialize (HL i Hi); modes; apply Rmult_lt_0_compat; pos]).
  assert (EO : n * one_minus_omega_at p lam n 0 tau = S).
  { unfold one_minus_omega_at, f.one_minus_omega. fold S. field. lra. }
  split; [lra |]. rewrite EO. apply le_div_r; [exact SP |].
  (* the sum of the lost shares is delta/grown; each is at least zeta (1 - zeta) (1 - tau/grown) *)
  assert (L : (1 - tau / grown) * S <= delta / grown).
  { replace (delta / grown) with (Sum (fun i => learnt lam tau i - learnt lam grown i) p)
      by (rewrite Sum_minus; change (Sum (learnt lam tau) p - Sum (learnt lam grown) p = delta / grown); lra).
    unfold S. rewrite <- Sum_scal. apply Sum_le. intros i Hi. specialize (HL i Hi). modes.
    replace (lam i / (lam i + tau) - lam i / (lam i + grown))
      with ((1 - tau / grown) * (grown / (lam i + grown)) * (lam i / (lam i + tau))) by (field; lra).
    assert (0 < 1 - tau / grown) by (apply Rlt_Rminus, lt_div_l; lra).
    rewrite <- !Rmult_assoc. apply Rmult_le_compat_r; [left; pos |]. apply Rmult_le_compat_l; [lra |].
    apply le_div_l; [lra |]. replace (grown / (lam i + grown) * (lam i + tau)) with (grown * (lam i + tau) / (lam i + grown)) by (field; lra).
    apply le_div_r; nra. }
  apply (Rmult_le_compat_r grown) in L; [| lra].
  replace (delta / grown * grown) with delta in L by (field; lra).
  replace ((1 - tau / grown) * S * grown) with ((grown - tau) * S) in L by (field; lra). exact L.
Qed.

(** n > p: the root is below delta/(n - p), and Omega and 1 - Omega tend to those of least squares. *)
Theorem least_squares : forall p lam n, (0 < p)%nat -> positive p lam -> INR p < n ->
  (forall delta tau, 0 < delta -> 0 < tau -> fixed_point p lam n delta tau -> tau < delta / (n - INR p)) /\
  forall eps, 0 < eps -> exists eta, 0 < eta /\ forall delta tau, 0 < delta < eta -> 0 < tau -> fixed_point p lam n delta tau ->
    Rabs (omega_at p lam n tau - f.unregularised_omega n (INR p)) < eps /\
    Rabs (one_minus_omega_at p lam n delta tau - f.unregularised_one_minus_omega n (INR p)) < eps.
Proof.
  intros p lam n Hp HL Hn. assert (Rp : 0 < INR p) by (apply lt_0_INR; exact Hp).
  assert (B : forall delta tau, 0 < delta -> 0 < tau -> fixed_point p lam n delta tau -> tau < delta / (n - INR p)).
  { intros delta tau Hd Ht E. apply root_of in E. unfold left_side in E.
    assert (Sum (learnt lam tau) p < INR p).
    { replace (INR p) with (Sum (fun _ => 1) p) by (rewrite Sum_const; ring). apply Sum_lt; [exact Hp | intros i Hi; apply share_inside; auto]. }
    apply lt_div_r; [lra |]. apply Rmult_lt_reg_r with (/ tau); [apply Rinv_0_lt_compat; lra |].
    replace (tau * (n - INR p) * / tau) with (n - INR p) by (field; lra). change (n - INR p < delta / tau). lra. }
  split; [exact B |]. intros eps He.
  destruct (Sum_bounds lam p HL) as (lo & hi & LO & LB).
  exists (eps * n * lo * (n - INR p) / (2 * INR p)).
  assert (Q : 0 < eps * n * lo * (n - INR p)) by (repeat apply Rmult_lt_0_compat; lra).
  split; [apply Rdiv_lt_0_compat; lra |]. intros delta tau [Hd Hd'] Ht E. specialize (B delta tau Hd Ht E).
  set (q := fun i => learnt lam tau i * learnt lam tau i).
  assert (S1 : INR p - 2 * (INR p * (tau / lo)) <= Sum q p <= INR p).
  { assert (X : forall i, (i < p)%nat -> 1 - 2 * (tau / lo) <= q i <= 1).
    { intros i Hi. pose proof (share_inside lam tau i (HL i Hi) Ht) as W. unfold q. split; [| nra].
      assert (1 - learnt lam tau i <= tau / lo); [| nra].
      specialize (HL i Hi). specialize (LB i Hi). unfold learnt, f.one_minus_zeta.
      replace (1 - lam i / (lam i + tau)) with (tau / (lam i + tau)) by (field; lra).
      apply Rmult_le_compat_l; [lra | apply Rinv_le_contravar; lra]. }
    split.
    - replace (INR p - 2 * (INR p * (tau / lo))) with (Sum (fun _ => 1 - 2 * (tau / lo)) p) by (rewrite Sum_const; ring).
      apply Sum_le. intros i Hi. apply X; exact Hi.
    - replace (INR p) with (Sum (fun _ => 1) p) by (rewrite Sum_const; ring). apply Sum_le. intros i Hi. apply X; exact Hi. }
  assert (T : 2 * (INR p * (tau / lo)) < eps * n).
  { assert (tau < eps * n * lo / (2 * INR p)).
    { apply Rlt_trans with (1 := B). apply lt_div_l; [lra |].
      replace (eps * n * lo / (2 * INR p) * (n - INR p)) with (eps * n * lo * (n - INR p) / (2 * INR p)) by (field; lra). exact Hd'. }
    replace (2 * (INR p * (tau / lo))) with (tau * (2 * INR p / lo)) by (field; lra).
    replace (eps * n) with (eps * n * lo / (2 * INR p) * (2 * INR p / lo)) by (field; lra).
    apply Rmult_lt_compat_r; [apply Rdiv_lt_0_compat; lra | assumption]. }
  assert (O : omega_at p lam n tau = Sum q p / n) by reflexivity.
  assert (C : one_minus_omega_at p lam n delta tau = 1 - Sum q p / n).
  { apply root_of in E. unfold left_side in E. unfold one_minus_omega_at, f.one_minus_omega.
    rewrite (Sum_ext _ (fun i => learnt lam tau i - q i)) by (intros i Hi; specialize (HL i Hi); unfold q; modes; field; lra).
    rewrite Sum_minus. change (Sum (fun i => learnt lam tau i) p) with (Sum (learnt lam tau) p).
    replace (Sum (learnt lam tau) p) with (n - delta / tau) by lra. field. lra. }
  rewrite O, C. unfold f.unregularised_omega, f.unregularised_one_minus_omega.
  assert (Z : - eps < Sum q p / n - INR p / n <= 0).
  { replace (Sum q p / n - INR p / n) with ((Sum q p - INR p) / n) by (field; lra). split; [apply lt_div_r | apply le_div_l]; lra. }
  split; apply Rabs_def1; try lra; replace ((n - INR p) / n) with (1 - INR p / n) by (field; lra); lra.
Qed.
