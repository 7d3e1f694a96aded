(* How the sums over modes move with tau, and what that makes of Omega; the ridge of which tau is the root. *)
From KD Require Export Roots.

Definition power_sum k p lam t := Sum (fun i => learnt lam t i ^ k) p.
Definition fallen k p lam t := Sum (fun i => zetas lam t i * learnt lam t i ^ k) p.
Definition ridge_at p lam n t := f.ridge_of_root t (n - f.degrees_of_freedom p (learnt lam t)).

Lemma Sum_div g c p : Sum (fun i => g i / c) p = Sum g p / c.
Proof. unfold Rdiv. rewrite (Rmult_comm (Sum g p)), <- Sum_scal. apply Sum_ext. intros. ring. Qed.
Lemma learnt_derive lam t i : 0 < lam i -> 0 < t -> is_derive (fun t => learnt lam t i) t (- (zetas lam t i * learnt lam t i) / t).
Proof. intros. unfold learnt, zetas, f.one_minus_zeta, f.zeta. auto_derive; [lra |]. field. lra. Qed.
Lemma zeta_derive lam t i : 0 < lam i -> 0 < t -> is_derive (fun t => zetas lam t i) t (zetas lam t i * learnt lam t i / t).
Proof. intros. unfold learnt, zetas, f.one_minus_zeta, f.zeta. auto_derive; [lra |]. field. lra. Qed.
Lemma powers_derive k p lam t : positive p lam -> 0 < t -> is_derive (power_sum (S k) p lam) t (- INR (S k) * fallen (S k) p lam t / t).
Proof.
  intros HL Ht. unfold power_sum, fallen. rewrite <- Sum_scal, <- Sum_div. apply (Sum_derive (fun i t => learnt lam t i ^ S k)).
  intros i Hi. specialize (HL i Hi). pose proof (is_derive_pow (fun t => learnt lam t i) (S k) t _ (learnt_derive lam t i HL Ht)) as D.
  replace (- INR (S k) * (zetas lam t i * learnt lam t i ^ S k) / t) with (INR (S k) * (- (zetas lam t i * learnt lam t i) / t) * learnt lam t i ^ pred (S k));
    [exact D |]. cbn [pred pow]. field. lra.
Qed.
Lemma fallen_pos k p lam t : (0 < p)%nat -> positive p lam -> 0 < t -> 0 < fallen k p lam t.
Proof.
  intros Hp HL Ht. apply Sum_pos; [exact Hp |]. intros i Hi. specialize (HL i Hi). apply Rmult_lt_0_compat; [| apply pow_lt]; modes; pos.
Qed.
Lemma fallen_is k p lam t : positive p lam -> 0 < t -> fallen k p lam t = power_sum k p lam t - power_sum (S k) p lam t.
Proof.
  intros HL Ht. unfold fallen, power_sum. rewrite <- Sum_minus. termwise. specialize (HL i Hi). cbn [pow].
  replace (zetas lam t i) with (1 - learnt lam t i) by (modes; field; lra). ring.
Qed.
Lemma powers_pos k p lam t : (0 < p)%nat -> positive p lam -> 0 < t -> 0 < power_sum k p lam t.
Proof. intros Hp HL Ht. apply Sum_pos; [exact Hp |]. intros i Hi. specialize (HL i Hi). apply pow_lt. modes. pos. Qed.
Lemma omega_is p lam n t : omega_at p lam n t = power_sum 2 p lam t / n.
Proof. unfold omega_at, f.omega, power_sum, f.learnt_square. f_equal. apply Sum_ext. intros. ring. Qed.
Lemma freedom_sum p lam t : f.degrees_of_freedom p (learnt lam t) = power_sum 1 p lam t.
Proof. unfold f.degrees_of_freedom, power_sum. apply Sum_ext. intros. ring. Qed.
Lemma ridge_derive p lam n t : positive p lam -> 0 < t -> 0 < n -> is_derive (ridge_at p lam n) t (n * (1 - omega_at p lam n t)).
Proof.
  intros HL Ht Hn. unfold ridge_at, f.ridge_of_root. apply (is_derive_ext (fun t => t * (n - power_sum 1 p lam t)));
    [intros; rewrite freedom_sum; reflexivity |].
  replace (n * (1 - omega_at p lam n t)) with (1 * (n - power_sum 1 p lam t) + t * (0 - (- INR 1 * fallen 1 p lam t / t))).
  - apply (is_derive_mult (fun t => t) (fun t => n - power_sum 1 p lam t) t 1 (0 - (- INR 1 * fallen 1 p lam t / t)));
      [apply is_derive_Reals, derivable_pt_lim_id | | exact Rmult_comm].
    apply (is_derive_minus (fun _ => n) (power_sum 1 p lam) t 0 (- INR 1 * fallen 1 p lam t / t));
      [apply is_derive_Reals, derivable_pt_lim_const | apply powers_derive; assumption].
  - rewrite omega_is, fallen_is by assumption. simpl INR. field. lra.
Qed.
(* Omega n is the sum of squares, below that of the shares, which is at most n where the ridge is not negative *)
Lemma omega_inside p lam n delta t : (0 < p)%nat -> positive p lam -> 0 < t -> 0 < n -> 0 <= delta -> fixed_point p lam n delta t ->
  0 < omega_at p lam n t < 1.
Proof.
  intros Hp HL Ht Hn Hd HF. apply root_of in HF. unfold left_side in HF. rewrite omega_is.
  pose proof (powers_pos 2 p lam t Hp HL Ht). pose proof (fallen_pos 1 p lam t Hp HL Ht) as P. rewrite fallen_is in P by assumption.
  assert (0 <= delta / t) by (apply Rle_mult_inv_pos; lra).
  assert (power_sum 1 p lam t = Sum (learnt lam t) p) by (unfold power_sum; apply Sum_ext; intros; ring).
  split; [apply Rdiv_lt_0_compat; lra | apply lt_div_l; lra].
Qed.
