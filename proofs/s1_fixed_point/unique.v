From KD Require Import Roots.

(** whole: for at least one mode a root exists iff 0 < n < p; it is unique, falls strictly in n, and tends to
    0 as n grows to p. *)
Theorem unique : forall p lam, (0 < p)%nat -> positive p lam ->
  (forall n, (exists tau, 0 < tau /\ fixed_point p lam n 0 tau) <-> 0 < n < INR p) /\
  (forall n s t, 0 < s -> 0 < t -> fixed_point p lam n 0 s -> fixed_point p lam n 0 t -> s = t) /\
  (forall m n s t, 0 < s -> 0 < t -> m < n -> fixed_point p lam m 0 s -> fixed_point p lam n 0 t -> t < s) /\
  (forall eps, 0 < eps -> exists eta, 0 < eta /\
    forall n t, 0 < t -> INR p - eta < n -> fixed_point p lam n 0 t -> t < eps).
Proof.
  intros p lam Hp HL. assert (Rp : 0 < INR p) by (apply lt_0_INR; exact Hp).
  assert (L0 : forall t, 0 < t -> left_side p lam 0 t = Sum (learnt lam t) p) by (intros; unfold left_side; field; lra).
  assert (C : forall x, Sum (fun _ => x / INR p) p = x) by (intros; rewrite Sum_const; field; lra).
  split; [| split; [| split]].
  - intros n. split.
    + intros (t & Ht & E). apply root_of in E. rewrite L0 in E by exact Ht. rewrite <- E. split.
      * apply Sum_pos; [exact Hp | intros i Hi; apply share_inside; auto].
      * replace (INR p) with (Sum (fun _ => 1) p) by (rewrite Sum_const; ring).
        apply Sum_lt; [exact Hp | intros i Hi; apply share_inside; auto].
    + intros [H0 H1]. destruct (Sum_bounds lam p HL) as (lo & hi & LO & LB).
      assert (LH : lo <= hi) by (specialize (LB 0%nat Hp); lra).
      set (a := lo * (INR p - n) / n / 2). set (b := hi * (INR p - n) / n * 2).
      assert (a0 : 0 < a) by (unfold a; repeat apply Rdiv_lt_0_compat; try apply Rmult_lt_0_compat; lra).
      assert (Ea : n * a = lo * (INR p - n) / 2) by (unfold a; field; lra).
      assert (Eb : n * b = hi * (INR p - n) * 2) by (unfold b; field; lra).
      assert (ab : a < b) by (apply Rmult_lt_reg_l with n; nra).
      apply (root_between p lam n 0 a b HL (conj a0 ab)); rewrite L0 by lra; rewrite <- (C n) at 1;
        (apply Sum_lt; [exact Hp |]); intros i Hi; specialize (HL i Hi); specialize (LB i Hi); unfold learnt, f.one_minus_zeta.
      * apply lt_div_r; [lra |]. apply Rmult_lt_reg_r with (INR p); [lra |].
        replace (n / INR p * (lam i + a) * INR p) with (n * lam i + n * a) by (field; lra). nra.
      * apply lt_div_l; [lra |]. apply Rmult_lt_reg_r with (INR p); [lra |].
        replace (n / INR p * (lam i + b) * INR p) with (n * lam i + n * b) by (field; lra). nra.
  - intros n s t Hs Ht. apply root_unique; auto; lra.
  - intros m n s t Hs Ht L Em En. exact (roots_ordered p lam 0 m n s t HL (Rle_refl 0) (or_introl Hp) Hs Ht Em En L).
  - intros eps He. pose proof (HL 0%nat Hp) as P0. exists (eps / (lam 0%nat + eps)). split; [pos |].
    intros n t Ht Hn E. apply root_of in E. rewrite L0 in E by exact Ht.
    destruct (Rlt_le_dec t eps) as [Q|Q]; [exact Q | exfalso].
    assert (E2 : Sum (fun i => 1 - learnt lam t i) p = INR p - n) by (rewrite Sum_minus, Sum_const; change (Sum (fun i => learnt lam t i) p) with (Sum (learnt lam t) p); lra).
    assert (E3 : 1 - learnt lam t 0%nat <= INR p - n).
    { rewrite <- E2. apply (Sum_one (fun i => 1 - learnt lam t i)); [exact Hp |].
      intros i Hi. pose proof (share_inside lam t i (HL i Hi) Ht). lra. }
    assert (eps / (lam 0%nat + eps) <= 1 - learnt lam t 0%nat); [| lra]. unfold learnt, f.one_minus_zeta.
    apply le_div_l; [lra |].
    replace ((1 - lam 0%nat / (lam 0%nat + t)) * (lam 0%nat + eps)) with (t * (lam 0%nat + eps) / (lam 0%nat + t)) by (field; lra).
    apply le_div_r; nra.
Qed.
