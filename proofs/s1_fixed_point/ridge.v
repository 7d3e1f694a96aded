From KD Require Import Roots.

(** whole: with a ridge there is exactly one root for every n > 0, and the degrees of freedom are n - delta/tau. *)
Theorem ridge : forall p lam n delta, positive p lam -> 0 < delta -> 0 < n ->
  (exists tau, 0 < tau /\ fixed_point p lam n delta tau) /\
  (forall s t, 0 < s -> 0 < t -> fixed_point p lam n delta s -> fixed_point p lam n delta t -> s = t) /\
  (forall tau, 0 < tau -> fixed_point p lam n delta tau -> f.degrees_of_freedom p (learnt lam tau) = n - delta / tau).
Proof.
  intros p lam n delta HL Hd Hn. split; [| split].
  - destruct (Sum_bounds lam p HL) as (lo & hi & LO & LB). pose proof (pos_INR p) as P.
    set (h := Rmax hi 1). assert (H1 : 1 <= h) by apply Rmax_r. assert (Hh : hi <= h) by apply Rmax_l.
    set (a := delta / (2 * n)). set (b := 2 * (INR p * h + delta) / n).
    assert (0 <= INR p * h) by (apply Rmult_le_pos; lra).
    assert (a0 : 0 < a) by (unfold a; apply Rdiv_lt_0_compat; lra).
    assert (ab : a < b).
    { unfold a, b. apply Rmult_lt_reg_r with (2 * n); [lra |].
      replace (delta / (2 * n) * (2 * n)) with delta by (field; lra).
      replace (2 * (INR p * h + delta) / n * (2 * n)) with (4 * (INR p * h + delta)) by (field; lra). lra. }
    apply (root_between p lam n delta a b HL (conj a0 ab)); unfold left_side.
    + assert (0 <= Sum (learnt lam a) p) by (apply Sum_nonneg; intros i Hi; pose proof (share_inside lam a i (HL i Hi) a0); lra).
      assert (delta / a = 2 * n) by (unfold a; field; lra). lra.
    + assert (Sum (learnt lam b) p <= INR p * (h / b)).
      { rewrite <- Sum_const. apply Sum_le. intros i Hi. specialize (HL i Hi). specialize (LB i Hi). unfold learnt, f.one_minus_zeta.
        apply le_div_l; [lra |]. replace (h / b * (lam i + b)) with (h + h * lam i / b) by (field; lra).
        assert (0 <= h * lam i / b) by (apply Rle_mult_inv_pos; [apply Rmult_le_pos |]; lra). lra. }
      assert (INR p * (h / b) + delta / b = n / 2) by (unfold b; field; lra). lra.
  - intros s t Hs Ht. apply root_unique; auto; lra.
  - intros tau Ht HF. modes. lra.
Qed.
