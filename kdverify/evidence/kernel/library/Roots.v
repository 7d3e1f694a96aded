(* The left side of (1) for any number of modes: it falls, so that its roots are unique. *)
From KD Require Export Calc.
From KD Require Export Modes.

Definition left_side p lam delta t := Sum (learnt lam t) p + delta / t.

Lemma root_of p lam n delta t : fixed_point p lam n delta t <-> left_side p lam delta t = n.
Proof. unfold fixed_point, f.fixed_point_residual, left_side. change (Sum (fun i => learnt lam t i) p) with (Sum (learnt lam t) p). split; lra. Qed.
Lemma share_inside lam t i : 0 < lam i -> 0 < t -> 0 < learnt lam t i < 1.
Proof. intros. unfold learnt, f.one_minus_zeta. split; [pos | apply lt_div_l; lra]. Qed.
Lemma share_falls lam s t i : 0 < lam i -> 0 < s < t -> learnt lam t i < learnt lam s i.
Proof. intros. unfold learnt, f.one_minus_zeta. apply Rmult_lt_compat_l; [lra |]. apply Rinv_lt_contravar; [apply Rmult_lt_0_compat |]; lra. Qed.
Lemma ridge_falls delta s t : 0 <= delta -> 0 < s < t -> delta / t <= delta / s.
Proof. intros. apply Rmult_le_compat_l; [lra | apply Rinv_le_contravar; lra]. Qed.
Lemma left_falls p lam delta s t : positive p lam -> 0 <= delta -> (0 < p)%nat \/ 0 < delta -> 0 < s < t ->
  left_side p lam delta t < left_side p lam delta s.
Proof.
  intros HL Hd Hc Hst. pose proof (ridge_falls delta s t Hd Hst).
  assert (Sum (learnt lam t) p <= Sum (learnt lam s) p)
    by (apply Sum_le; intros i Hi; left; apply share_falls; auto).
  unfold left_side. destruct Hc as [Hp|Hd'].
  - assert (Sum (learnt lam t) p < Sum (learnt lam s) p) by (apply Sum_lt; [exact Hp | intros i Hi; apply share_falls; auto]). lra.
  - assert (delta / t < delta / s); [| lra].
    apply Rmult_lt_compat_l; [exact Hd' | apply Rinv_lt_contravar; [apply Rmult_lt_0_compat |]; lra].
Qed.
Lemma roots_ordered p lam delta m n s t : positive p lam -> 0 <= delta -> (0 < p)%nat \/ 0 < delta -> 0 < s -> 0 < t ->
  fixed_point p lam m delta s -> fixed_point p lam n delta t -> m < n -> t < s.
Proof.
  intros HL Hd Hc Hs Ht Em En L. apply root_of in Em. apply root_of in En.
  destruct (Rtotal_order t s) as [Q|[Q|Q]]; [exact Q | subst; lra |].
  pose proof (left_falls p lam delta s t HL Hd Hc (conj Hs Q)). lra.
Qed.
Lemma root_unique p lam n delta s t : positive p lam -> 0 <= delta -> (0 < p)%nat \/ 0 < delta -> 0 < s -> 0 < t ->
  fixed_point p lam n delta s -> fixed_point p lam n delta t -> s = t.
Proof.
  intros HL Hd Hc Hs Ht Es Et. apply root_of in Es. apply root_of in Et.
  destruct (Rtotal_order s t) as [Q|[Q|Q]]; [| exact Q |].
  - pose proof (left_falls p lam delta s t HL Hd Hc (conj Hs Q)). lra.
  - pose proof (left_falls p lam delta t s HL Hd Hc (conj Ht Q)). lra.
Qed.
Lemma root_between p lam n delta a b : positive p lam -> 0 < a < b ->
  n < left_side p lam delta a -> left_side p lam delta b < n -> exists t, 0 < t /\ fixed_point p lam n delta t.
Proof.
  intros HL Hab Ha Hb. destruct (IVT_interv (fun t => n - left_side p lam delta t) a b) as (t & Ht & Et); try lra.
  - intros x Hx. apply continuity_pt_minus; [apply continuity_pt_const; intros ? ?; reflexivity |].
    unfold left_side. apply continuity_pt_plus.
    + apply Sum_continuity. intros i Hi. specialize (HL i Hi). unfold learnt, f.one_minus_zeta.
      apply continuity_pt_div; [apply continuity_pt_const; intros ? ?; reflexivity | | lra].
      apply continuity_pt_plus; [apply continuity_pt_const; intros ? ?; reflexivity | apply continuity_pt_id].
    + apply continuity_pt_div; [apply continuity_pt_const; intros ? ?; reflexivity | apply continuity_pt_id | lra].
  - exists t. split; [lra |]. apply root_of. lra.
Qed.
