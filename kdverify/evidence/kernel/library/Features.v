(* The setting of section 12 for any number p of modes: nu is nu_2, q the number of features. *)
From KD Require Export Modes.

(* S, T_2 and df at nu; eta, Upsilon and 1 - Upsilon for n samples and q features *)
Definition spreads p lam nu := Sum (fun i => f.spread (zetas lam nu i) (learnt lam nu i)) p.
Definition squares p lam nu := Sum (fun i => f.learnt_square (learnt lam nu i)) p.
Definition freedom p lam nu := f.degrees_of_freedom p (learnt lam nu).
Definition eta_at p lam q nu := f.crowding (spreads p lam nu) (q - freedom p lam nu).
Definition upsilon_at p lam n q nu := f.upsilon (squares p lam nu) (spreads p lam nu) (eta_at p lam q nu) n.
Definition one_minus_upsilon_at p lam n q nu :=
  f.one_minus_upsilon (spreads p lam nu) (f.one_minus_crowding (spreads p lam nu) (q - freedom p lam nu))
    (n - freedom p lam nu) n.

(* (17): the excess risk of the student of a surrogate; the best surrogate *)
Definition feature_risk_of p lam beta zeta Upsilon eta noise surr :=
  f.feature_risk p lam surr beta zeta (fun i => 1 - zeta i) Upsilon (1 - Upsilon) eta noise.
Definition feature_best (beta zeta : nat -> R) Upsilon eta i :=
  f.feature_gain (zeta i) (1 - zeta i) Upsilon (1 - Upsilon) eta * beta i.

Lemma zeta_inside lam nu i : 0 < lam i -> 0 < nu -> 0 < zetas lam nu i < 1.
Proof. intros. unfold zetas, f.zeta. split; [pos | apply lt_div_l; lra]. Qed.
Lemma learnt_is lam nu i : 0 < lam i -> 0 < nu -> learnt lam nu i = 1 - zetas lam nu i.
Proof. intros. unfold zetas, learnt, f.zeta, f.one_minus_zeta. field. lra. Qed.
(* df = T_2 + S, and both are positive *)
Lemma freedom_is p lam nu : positive p lam -> 0 < nu -> freedom p lam nu = squares p lam nu + spreads p lam nu.
Proof.
  intros HL Hn. unfold freedom, squares, spreads, f.degrees_of_freedom, f.learnt_square, f.spread. rewrite <- Sum_plus.
  termwise. rewrite learnt_is by auto. ring.
Qed.
Lemma spreads_pos p lam nu : (0 < p)%nat -> positive p lam -> 0 < nu -> 0 < spreads p lam nu.
Proof.
  intros Hp HL Hn. apply Sum_pos; [exact Hp |]. intros i Hi. unfold f.spread. rewrite learnt_is by auto.
  pose proof (zeta_inside lam nu i (HL i Hi) Hn). apply Rmult_lt_0_compat; lra.
Qed.
Lemma squares_pos p lam nu : (0 < p)%nat -> positive p lam -> 0 < nu -> 0 < squares p lam nu.
Proof.
  intros Hp HL Hn. apply Sum_pos; [exact Hp |]. intros i Hi. unfold f.learnt_square. rewrite learnt_is by auto.
  pose proof (zeta_inside lam nu i (HL i Hi) Hn). apply Rmult_lt_0_compat; lra.
Qed.
Lemma feature_curvature_pos z U eta : 0 < z < 1 -> 0 < U < 1 -> 0 <= eta ->
  0 < f.feature_curvature z (1 - z) U (1 - U) eta.
Proof.
  intros. unfold f.feature_curvature. apply Rplus_lt_le_0_compat; [repeat apply Rmult_lt_0_compat; lra |].
  apply Rmult_le_pos; [lra |]. apply Rplus_le_le_0_compat; apply Rmult_le_pos; lra.
Qed.
