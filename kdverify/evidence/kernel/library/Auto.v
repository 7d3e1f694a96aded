(* Tactics for generated statements about rational functions of real variables. *)
Require Export Reals Lra Psatz Field.
Open Scope R_scope.

(* A quotient on one side of an inequality, its denominator positive. *)
Lemma lt_div_l a b c : 0 < b -> a < c * b -> a / b < c.
Proof. intros. apply Rmult_lt_reg_r with b; [easy | replace (a / b * b) with a by (field; lra); easy]. Qed.
Lemma le_div_l a b c : 0 < b -> a <= c * b -> a / b <= c.
Proof. intros. apply Rmult_le_reg_r with b; [easy | replace (a / b * b) with a by (field; lra); easy]. Qed.
Lemma lt_div_r a b c : 0 < b -> c * b < a -> c < a / b.
Proof. intros. apply Rmult_lt_reg_r with b; [easy | replace (a / b * b) with a by (field; lra); easy]. Qed.
Lemma le_div_r a b c : 0 < b -> c * b <= a -> c <= a / b.
Proof. intros. apply Rmult_le_reg_r with b; [easy | replace (a / b * b) with a by (field; lra); easy]. Qed.

(* 0 < a, 0 <= a, a <> 0: by the structure of a, then by linear and nonlinear arithmetic. *)
Ltac pos :=
  lazymatch goal with
  | |- 0 < ?a * ?b => first [ assumption | apply Rmult_lt_0_compat; pos | nra ]
  | |- 0 < ?a / ?b => apply Rdiv_lt_0_compat; pos
  | |- 0 < / ?a => apply Rinv_0_lt_compat; pos
  | |- 0 < ?a ^ _ => first [ apply pow_lt; pos | nra ]
  | |- 0 < ?a + ?b => first [ lra | apply Rplus_lt_0_compat; pos
                            | apply Rplus_lt_le_0_compat; pos | apply Rplus_le_lt_0_compat; pos | nra ]
  | |- 0 < _ => first [ lra | nra ]
  | |- 0 <= ?a * ?a => apply Rle_0_sqr
  | |- 0 <= ?a * ?b => first [ assumption | apply Rmult_le_pos; pos | nra ]
  | |- 0 <= ?a / ?b => apply Rle_mult_inv_pos; pos
  | |- 0 <= ?a ^ 2 => apply pow2_ge_0
  | |- 0 <= ?a + ?b => first [ lra | apply Rplus_le_le_0_compat; pos | nra ]
  | |- 0 <= _ => first [ lra | nra ]
  | |- ?a <> 0 => first [ assumption | apply Rgt_not_eq; unfold Rgt; pos | apply Rlt_not_eq; first [ lra | nra ] ]
  end.
Ltac nonzero := repeat split; first [ assumption | lra | pos | nra ].

(* ---- one tactic that is tried on every statement ---- *)
Ltac open_hyps := repeat match goal with
  | H : True |- _ => clear H
  | H : False |- _ => destruct H
  | H : _ /\ _ |- _ => destruct H
  | H : _ \/ _ |- _ => destruct H
  | H : _ <-> _ |- _ => destruct H
  | H : ?a * ?b = 0 |- _ => apply Rmult_integral in H
  end.
Ltac open_goal := repeat match goal with
  | |- forall _, _ => intro
  | |- ~ _ => intro
  | |- _ <> _ => intro
  | |- _ /\ _ => split
  | |- _ <-> _ => split
  end.
Ltac no_if := repeat match goal with
  | |- context [Rle_dec ?a ?b] => destruct (Rle_dec a b)
  | H : context [Rle_dec ?a ?b] |- _ => destruct (Rle_dec a b)
  end.
Ltac prepare := intros; open_hyps; no_if; open_goal; open_hyps; try subst.
Ltac finish := first [ assumption | lra | nra ].
Ltac by_field := solve [ field; nonzero | field_simplify_eq; [ nra | nonzero .. ] ].
Ltac apart := match goal with
  | |- ?a = ?b => destruct (Rtotal_order a b) as [? | [? | ?]]; [ exfalso | assumption | exfalso ]
  | |- ?a = ?b \/ _ => destruct (Req_dec a b); [ left; assumption | right ]
  end.
Ltac one_quotient :=
  first [ apply lt_div_l; [ pos | finish ] | apply le_div_l; [ pos | finish ]
        | apply lt_div_r; [ pos | finish ] | apply le_div_r; [ pos | finish ] ].
Ltac one_difference :=
  lazymatch goal with
  | |- ?a < ?b => apply Rminus_gt_0_lt; unfold Rgt
  | |- ?a <= ?b => apply Rge_le; apply Rminus_ge; apply Rle_ge
  end; field_simplify; [ pos | nonzero .. ].
(* name each quotient q = a / b: q * b = a, and what is seen of its sign and of its order with 1 *)
Ltac no_div t := lazymatch t with context [_ / _] => fail | context [/ _] => fail | _ => idtac end.
Ltac not_numbers a b :=
  lazymatch a with IZR _ => lazymatch b with IZR _ => fail | _ => idtac end | _ => idtac end.
Ltac name_quotient a b :=
  let q := fresh "q" in let Hq := fresh "Hq" in let Hb := fresh "Hb" in
  assert (Hb : b <> 0) by nonzero;
  assert (Hq : (a / b) * b = a) by (field; exact Hb);
  try (let Hp := fresh "Hp" in assert (Hp : 0 < b) by pos);
  try (let Hp := fresh "Hp" in first [ assert (Hp : 0 < a / b) by pos | assert (Hp : 0 <= a / b) by pos ]);
  try (let Hp := fresh "Hp" in
       first [ assert (Hp : a / b < 1) by (apply lt_div_l; [pos | lra])
             | assert (Hp : a / b <= 1) by (apply le_div_l; [pos | lra]) ]);
  set (q := a / b) in *; clearbody q.
Ltac clear_div := repeat match goal with
  | |- context [?a / ?b] => not_numbers a b; no_div a; no_div b; name_quotient a b
  | H : context [?a / ?b] |- _ => not_numbers a b; no_div a; no_div b; name_quotient a b
  end.
Ltac auto_real := prepare;
  first [ solve [ assumption | exact I | lra ]
        | solve [ pos ]
        | by_field
        | solve [ one_quotient ]
        | solve [ clear_div; finish ]
        | solve [ repeat apart; open_hyps; try subst; first [ finish | clear_div; finish ] ]
        | solve [ one_difference ]
        | solve [ nra ] ].

(* ---- scripts with hints: the sign of a difference from the signs of its factors ---- *)
Lemma sg_pp a b : 0 < a -> 0 < b -> 0 < a * b. Proof. intros; nra. Qed.
Lemma sg_pn a b : 0 < a -> b < 0 -> a * b < 0. Proof. intros; nra. Qed.
Lemma sg_np a b : a < 0 -> 0 < b -> a * b < 0. Proof. intros; nra. Qed.
Lemma sg_nn a b : a < 0 -> b < 0 -> 0 < a * b. Proof. intros; nra. Qed.
Lemma sg_gg a b : 0 <= a -> 0 <= b -> 0 <= a * b. Proof. intros; nra. Qed.
Lemma sg_gl a b : 0 <= a -> b <= 0 -> a * b <= 0. Proof. intros; nra. Qed.
Lemma sg_lg a b : a <= 0 -> 0 <= b -> a * b <= 0. Proof. intros; nra. Qed.
Lemma sg_ll a b : a <= 0 -> b <= 0 -> 0 <= a * b. Proof. intros; nra. Qed.
Lemma sg_z1 a b : a = 0 -> a * b = 0. Proof. intros; subst; ring. Qed.
Lemma sg_z2 a b : b = 0 -> a * b = 0. Proof. intros; subst; ring. Qed.
Lemma sg_ip a : 0 < a -> 0 < / a. Proof. apply Rinv_0_lt_compat. Qed.
Lemma sg_in a : a < 0 -> / a < 0. Proof. apply Rinv_lt_0_compat. Qed.
Ltac sg :=
  first [ assumption | lra
        | apply sg_ip; sg | apply sg_in; sg
        | apply sg_pp; sg | apply sg_pn; sg | apply sg_np; sg | apply sg_nn; sg
        | apply sg_z1; sg | apply sg_z2; sg
        | apply sg_gg; sg | apply sg_gl; sg | apply sg_lg; sg | apply sg_ll; sg
        | apply Rlt_le; sg | apply Req_le; symmetry; sg | apply Req_le; sg
        | apply pow2_ge_0 ].
(* e : b - a = P; leaves a < b, b < a, a = b, a <= b or b <= a *)
Ltac decide_sign e :=
  lazymatch type of e with
  | ?b - ?a = ?p =>
    first [ assert (a < b) by (apply Rminus_gt_0_lt; rewrite e; unfold Rgt; sg)
          | assert (b < a) by (apply Rminus_lt; rewrite e; sg)
          | assert (a = b) by (symmetry; apply Rminus_diag_uniq; rewrite e; sg)
          | assert (a <= b) by (apply Rge_le; apply Rminus_ge; apply Rle_ge; rewrite e; sg)
          | assert (b <= a) by (apply Rminus_le; rewrite e; sg)
          | idtac ]
  end.
Ltac plain := repeat match goal with
  | |- forall _, _ => intro
  | |- ~ _ => intro
  | |- _ <> _ => intro
  | |- _ /\ _ => split
  | |- _ <-> _ => split
  | H : _ /\ _ |- _ => destruct H
  | H : _ \/ _ |- _ => destruct H
  | H : _ <-> _ |- _ => destruct H
  end.
Ltac close := plain; first [ assumption | exact I | lra | left; close_or | right; close_or ]
with close_or := first [ assumption | lra | left; close_or | right; close_or ].
(* products of two variables that are positive, as further hypotheses *)
Ltac have_pos t := match goal with H : 0 < t |- _ => idtac end.
Ltac products := repeat match goal with
  | Ha : 0 < ?a, Hb : 0 < ?b |- _ => is_var a; is_var b; tryif have_pos (a * b) then fail else
      tryif have_pos (b * a) then fail else assert (0 < a * b) by (apply Rmult_lt_0_compat; assumption)
  end.
Ltac prove_sign := first [ assumption | lra | solve [pos] | nra | solve [products; nra] ].
Ltac split_sign f :=
  let S := fresh "S" in destruct (Rtotal_order f 0) as [S | [S | S]]; [ | | apply Rgt_lt in S ].
Ltac sign_pos f := first [ let S := fresh "S" in assert (S : 0 < f) by prove_sign | split_sign f ].
Ltac sign_neg f := first [ let S := fresh "S" in assert (S : f < 0) by prove_sign | split_sign f ].
Ltac sign_nonneg f := let S := fresh "S" in
  first [ assert (S : 0 <= f) by prove_sign; destruct S as [S | S]; [ | symmetry in S ] | split_sign f ].
Ltac sign_nonpos f := let S := fresh "S" in
  first [ assert (S : f <= 0) by prove_sign; destruct S as [S | S] | split_sign f ].

(* ---- H : a wrong statement at a rational point; the kernel is shown that it fails ---- *)
Ltac ground := no_if; repeat split; plain; first [ exact I | lra | intro; lra | nra ].
Ltac fulfil H := repeat match type of H with
  | ?A -> _ => let K := fresh in assert (K : A) by ground; specialize (H K); clear K
  end.
Ltac refute H := no_if; fulfil H; revert H; no_if; intros; plain; first [ lra | nra | refute_in ]
with refute_in := repeat match goal with
  | H : ?A -> _ |- _ => let K := fresh in assert (K : A) by ground; specialize (H K); clear K
  | H : _ /\ _ |- _ => destruct H
  | H : _ <-> _ |- _ => destruct H
  | H : _ \/ _ |- _ => destruct H
  | H : ~ ?A |- _ => exfalso; apply H; ground
  end; first [ lra | nra ].
