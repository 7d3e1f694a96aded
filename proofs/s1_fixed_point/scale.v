From KD Require Import Roots.

(** whole: c tau is the root for (c Sigma, c delta), the only one, and no zeta and neither Omega changes. *)
Theorem scale : forall p lam n delta tau c, positive p lam -> 0 <= delta -> (0 < p)%nat \/ 0 < delta -> 0 < tau -> 0 < c ->
  let scaled i := c * lam i in
  (forall i, (i < p)%nat -> zetas scaled (c * tau) i = zetas lam tau i /\ learnt scaled (c * tau) i = learnt lam tau i) /\
  omega_at p scaled n (c * tau) = omega_at p lam n tau /\
  (fixed_point p lam n delta tau -> fixed_point p scaled n (c * delta) (c * tau) /\
    forall t, 0 < t -> fixed_point p scaled n (c * delta) t -> t = c * tau).
Proof.
  cbv zeta. intros p lam n delta tau c HL Hd Hp Ht Hc.
  assert (Hct : 0 < c * tau) by (apply Rmult_lt_0_compat; assumption).
  assert (E : forall i, (i < p)%nat -> learnt (fun i => c * lam i) (c * tau) i = learnt lam tau i).
  { intros i Hi. specialize (HL i Hi). modes. field. assert (0 < c * lam i) by (apply Rmult_lt_0_compat; lra). lra. }
  split; [| split].
  - intros i Hi. split; [| exact (E i Hi)]. specialize (HL i Hi). modes. field. assert (0 < c * lam i) by (apply Rmult_lt_0_compat; lra). lra.
  - unfold omega_at. f_equal. apply Sum_ext. intros i Hi. rewrite (E i Hi). reflexivity.
  - intros HF. assert (R : fixed_point p (fun i => c * lam i) n (c * delta) (c * tau)).
    { apply root_of in HF. apply root_of. rewrite <- HF. unfold left_side. rewrite (Sum_ext _ _ p E). f_equal. field. lra. }
    split; [exact R |]. intros t Ht' HF'.
    apply (root_unique p (fun i => c * lam i) n (c * delta)); auto.
    + intros i Hi. apply Rmult_lt_0_compat; [exact Hc | exact (HL i Hi)].
    + apply Rmult_le_pos; lra.
    + destruct Hp; [left; assumption | right; apply Rmult_lt_0_compat; assumption].
Qed.
