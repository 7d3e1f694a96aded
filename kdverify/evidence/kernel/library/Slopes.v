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
Lemma ridge_of_the_root p lam n (d t : R) : 0 < t -> fixed_point p lam n d t -> ridge_at p lam n t = d.
Proof.
  intros T F. apply root_of in F. unfold left_side in F. unfold ridge_at, f.ridge_of_root, f.degrees_of_freedom.
  change (Sum (fun i => learnt lam t i) p) with (Sum (learnt lam t) p). replace (n - Sum (learnt lam t) p) with (d / t) by lra. field. lra.
Qed.
(* tau(ridge) solves (1) around delta and has a derivative there: what moves with tau moves with the ridge 1/(n (1 - Omega)) as fast *)
Definition root_around p lam n (tau : R -> R) delta :=
  (exists eps : posreal, forall d, Rabs (d - delta) < eps -> 0 < tau d /\ fixed_point p lam n d (tau d)) /\ ex_derive tau delta.
Lemma root_at p lam n tau delta : root_around p lam n tau delta -> 0 < tau delta /\ fixed_point p lam n delta (tau delta).
Proof. intros [(eps & HE) _]. apply HE. rewrite Rminus_diag_eq, Rabs_R0 by reflexivity. apply cond_pos. Qed.
Lemma along_ridge p lam n tau delta (g : R -> R) (dg : R) : (0 < p)%nat -> positive p lam -> 0 < n -> 0 <= delta ->
  root_around p lam n tau delta -> is_derive g (tau delta) dg ->
  is_derive (fun d => g (tau d)) delta (dg / (n * (1 - omega_at p lam n (tau delta)))).
Proof.
  intros Hp HL Hn Hd HR Hg. destruct (root_at p lam n tau delta HR) as [Ht HF]. destruct HR as [(eps & HE) HV].
  assert (exists v : R, is_derive tau delta v) as (v & Hv) by (destruct HV as [v Hv]; exists v; exact Hv).
  set (t := tau delta) in *. pose proof (omega_inside p lam n delta t Hp HL Ht Hn Hd HF) as HO. set (Om := omega_at p lam n t) in *.
  assert (R1 : is_derive (fun d => ridge_at p lam n (tau d)) delta (v * (n * (1 - Om)))).
  { apply (is_derive_comp (ridge_at p lam n) tau delta); [apply ridge_derive; assumption | exact Hv]. }
  assert (R2 : is_derive (fun d => ridge_at p lam n (tau d)) delta 1).
  { apply (is_derive_ext_loc (fun d => d)); [| apply is_derive_Reals, derivable_pt_lim_id].
    exists eps. intros d B. destruct (HE d B) as [T F]. symmetry. exact (ridge_of_the_root p lam n d (tau d) T F). }
  assert (V : v * (n * (1 - Om)) = 1) by (rewrite <- (is_derive_unique _ _ _ R1); apply is_derive_unique; exact R2).
  assert (D : 0 < n * (1 - Om)) by (apply Rmult_lt_0_compat; lra).
  assert (VV : v = / (n * (1 - Om))) by (apply Rmult_eq_reg_r with (n * (1 - Om)); [rewrite V; field; split; lra | lra]).
  unfold Rdiv. rewrite <- VV, Rmult_comm. exact (is_derive_comp g tau delta dg v Hg Hv).
Qed.
