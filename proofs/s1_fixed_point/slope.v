From KD Require Import Calc.
From KD Require Import Modes.

(* g(u) = log(numerator/denominator) at tau = exp u, for the kh eigenvalues of the head and the kt of the tail *)
Definition numerator kt tail delta u := f.split_numerator (Sum (learnt tail (exp u)) kt) (delta / exp u).
Definition denominator kh head surplus u := f.split_denominator (Sum (zetas head (exp u)) kh) surplus.
Definition minus_slope kh kt head tail delta surplus u :=
  f.split_minus_slope (Sum (fun i => f.spread (zetas tail (exp u) i) (learnt tail (exp u) i)) kt)
    (Sum (fun i => f.spread (zetas head (exp u) i) (learnt head (exp u) i)) kh)
    (numerator kt tail delta u) (denominator kh head surplus u) (delta / exp u).

(** whole: the eigenvalues of the tail are not above those of the head, and either n < p, so that there is a tail
    and no surplus, or n >= p, so that there is none and a ridge.  Then minus_slope is -g', in [1, 2), and 1 iff
    all eigenvalues are equal and there is no ridge. *)
Theorem slope : forall kh kt head tail delta surplus u, (0 < kh)%nat -> positive kh head -> positive kt tail ->
  (forall i j, (i < kh)%nat -> (j < kt)%nat -> tail j <= head i) -> 0 <= delta -> 0 <= surplus ->
  ((0 < kt)%nat /\ surplus = 0 \/ kt = 0%nat /\ 0 < delta) ->
  is_derive (fun u => ln (numerator kt tail delta u / denominator kh head surplus u)) u
    (- minus_slope kh kt head tail delta surplus u) /\
  minus_slope kh kt head tail delta surplus u < 2 /\
  1 <= minus_slope kh kt head tail delta surplus u /\
  (minus_slope kh kt head tail delta surplus u = 1 <->
    delta = 0 /\ exists l, (forall i, (i < kh)%nat -> head i = l) /\ (forall j, (j < kt)%nat -> tail j = l)).
Proof.
  intros kh kt head tail delta surplus u Hk HH HT HS Hd Hs Hc. unfold minus_slope, numerator, denominator. modes.
  pose proof (exp_pos u) as Ht.
  set (zt := fun i => tail i / (tail i + exp u)). set (zh := fun i => exp u / (head i + exp u)).
  set (sn := Sum (fun i => exp u / (tail i + exp u) * (tail i / (tail i + exp u))) kt). set (sh := Sum (fun i => exp u / (head i + exp u) * (head i / (head i + exp u))) kh).
  set (t := exp u) in *. set (r := delta / t) in *.
  assert (Z1 : forall i, (i < kt)%nat -> 0 < zt i < 1) by (intros i Hi; specialize (HT i Hi); unfold zt; split; [pos | apply lt_div_l; lra]).
  assert (Z2 : forall i, (i < kh)%nat -> 0 < zh i < 1) by (intros i Hi; specialize (HH i Hi); unfold zh; split; [pos | apply lt_div_l; lra]).
  assert (Y1 : forall i, (i < kt)%nat -> t / (tail i + t) = 1 - zt i) by (intros i Hi; specialize (HT i Hi); cbv beta in HT; unfold zt; field; lra).
  assert (Y2 : forall i, (i < kh)%nat -> head i / (head i + t) = 1 - zh i) by (intros i Hi; specialize (HH i Hi); cbv beta in HH; unfold zh; field; lra).
  assert (SN : sn = Sum (fun i => (1 - zt i) * zt i) kt) by (apply Sum_ext; intros i Hi; rewrite (Y1 i Hi); reflexivity).
  assert (SH : sh = Sum (fun i => zh i * (1 - zh i)) kh) by (apply Sum_ext; intros i Hi; rewrite (Y2 i Hi); reflexivity).
  assert (dt : 0 <= r) by (unfold r; apply Rle_mult_inv_pos; lra).
  assert (HD : 0 < Sum zh kh) by (apply Sum_pos; [exact Hk | intros i Hi; apply Z2; exact Hi]).
  assert (HN : 0 < Sum zt kt + r).
  { destruct Hc as [[Hc _]|[-> Hc]]; [assert (0 < Sum zt kt) by (apply Sum_pos; [exact Hc | intros i Hi; apply Z1; exact Hi]); lra | simpl; assert (0 < r) by (unfold r; pos); lra]. }
  assert (U1 : sn <= Sum zt kt) by (rewrite SN; apply Sum_le; intros i Hi; specialize (Z1 i Hi); nra).
  assert (U2 : sh < Sum zh kh) by (rewrite SH; apply Sum_lt; [exact Hk|]; intros i Hi; specialize (Z2 i Hi); nra).
  assert (P2 : 0 < sh) by (rewrite SH; apply Sum_pos; [exact Hk|]; intros i Hi; specialize (Z2 i Hi); nra).
  fold zt. fold zh.
  split; [| split].
  - replace (- ((sn + r) / (Sum zt kt + r) + sh / (Sum zh kh + surplus))) with ((- sn - r) / (Sum zt kt + r) - sh / (Sum zh kh + surplus)) by (field; lra).
    apply (derive_ln_quotient (fun u => Sum (fun i => tail i / (tail i + exp u)) kt + delta / exp u) (fun u => Sum (fun i => exp u / (head i + exp u)) kh + surplus) u); cbv beta; fold t; [| | exact HN | change (0 < Sum zh kh + surplus); lra].
    + apply (is_derive_plus (fun u => Sum (fun i => tail i / (tail i + exp u)) kt) (fun u => delta / exp u) u (- sn) (- r)).
      * replace (- sn) with (Sum (fun i => - ((1 - zt i) * zt i)) kt) by (rewrite SN; rewrite (Sum_ext _ (fun i => (-1) * ((1 - zt i) * zt i))) by (intros; ring); rewrite Sum_scal; ring).
        apply Sum_derive. intros i Hi. specialize (HT i Hi). cbv beta in HT. unfold zt. auto_derive; fold t; [lra | field; lra].
      * auto_derive; fold t; [lra | unfold r; field; lra].
    + replace sh with (sh + 0) by ring. apply (is_derive_plus (fun u => Sum (fun i => exp u / (head i + exp u)) kh) (fun u => surplus) u sh 0); [|apply is_derive_Reals, derivable_pt_lim_const].
      rewrite SH. apply Sum_derive. intros i Hi. specialize (HH i Hi). cbv beta in HH. unfold zh. auto_derive; fold t; [lra | field; lra].
  - assert ((sn + r) / (Sum zt kt + r) <= 1) by (apply le_div_l; lra).
    assert (sh / (Sum zh kh + surplus) < 1) by (apply lt_div_l; lra). lra.
  - destruct Hc as [[Hkt ->]|[-> Hdp]].
    + (* the least 1 - z of the tail and 1 - z of the head add up to at least one *)
      assert (exists jm, (jm < kt)%nat /\ forall j, (j < kt)%nat -> tail j <= tail jm) as (jm & Hjm & JM) by (apply Sum_argmax; exact Hkt).
      set (a := 1 - zt jm). pose proof (Z1 jm Hjm) as Zj.
      assert (A1 : forall j, (j < kt)%nat -> a <= 1 - zt j).
      { intros j Hj. unfold a, zt. pose proof (HT j Hj). pose proof (HT jm Hjm). pose proof (JM j Hj). cbv beta in *. cut (tail j / (tail j + t) <= tail jm / (tail jm + t)); [lra|].
        apply le_div_l; [lra|]. replace (tail jm / (tail jm + t) * (tail j + t)) with (tail jm * (tail j + t) / (tail jm + t)) by (field; lra). apply le_div_r; nra. }
      assert (A2 : forall i, (i < kh)%nat -> 1 - a <= 1 - zh i).
      { intros i Hi. unfold a, zh, zt. pose proof (HH i Hi). pose proof (HT jm Hjm). pose proof (HS i jm Hi Hjm). cbv beta in *. cut (t / (head i + t) <= t / (tail jm + t)).
        - replace (t / (tail jm + t)) with (1 - tail jm / (tail jm + t)) by (field; lra). lra.
        - apply Rmult_le_compat_l; [lra | apply Rinv_le_contravar; lra]. }
      assert (B1 : a * Sum zt kt <= sn) by (rewrite SN, <- Sum_scal; apply Sum_le; intros j Hj; specialize (A1 j Hj); specialize (Z1 j Hj); apply Rmult_le_compat_r; lra).
      assert (B2 : (1 - a) * Sum zh kh <= sh) by (rewrite SH, <- Sum_scal; apply Sum_le; intros i Hi; specialize (A2 i Hi); specialize (Z2 i Hi); rewrite Rmult_comm; apply Rmult_le_compat_l; lra).
      rewrite Rplus_0_r.
      assert (C1 : a <= (sn + r) / (Sum zt kt + r)) by (apply le_div_r; [lra|]; assert (a * (r) <= r) by (unfold a in *; nra); lra).
      assert (C2 : 1 - a <= sh / Sum zh kh) by (apply le_div_r; lra).
      split; [lra|]. split.
      * intros E. assert (E1 : (sn + r) / (Sum zt kt + r) = a) by lra. assert (E2 : sh / Sum zh kh = 1 - a) by lra.
        apply (f_equal (fun x => x * (Sum zt kt + r))) in E1. unfold Rdiv at 1 in E1. rewrite Rmult_assoc, Rinv_l, Rmult_1_r in E1 by lra.
        apply (f_equal (fun x => x * Sum zh kh)) in E2. unfold Rdiv in E2. rewrite Rmult_assoc, Rinv_l, Rmult_1_r in E2 by lra.
        assert (D0 : r = 0) by (unfold a in *; nra).
        split; [unfold r in D0; apply (f_equal (fun x => x * t)) in D0; unfold Rdiv in D0; rewrite Rmult_assoc, Rinv_l in D0 by lra; lra|].
        exists (tail jm). split.
        -- intros i Hi. pose proof (HH i Hi). pose proof (HT jm Hjm). cbv beta in *.
           assert (Q : (1 - a) * zh i = zh i * (1 - zh i)).
           { apply (Sum_eq_each (fun i => (1 - a) * zh i) (fun i => zh i * (1 - zh i)) kh); [|rewrite Sum_scal, <- SH; lra | exact Hi].
             intros k Hk'. specialize (A2 k Hk'). specialize (Z2 k Hk'). rewrite Rmult_comm. apply Rmult_le_compat_l; lra. }
           specialize (Z2 i Hi). assert (Q' : zh i = a) by nra. unfold a, zh, zt in Q'.
           replace (1 - tail jm / (tail jm + t)) with (t / (tail jm + t)) in Q' by (field; lra). unfold Rdiv in Q'. apply Rmult_eq_reg_l in Q'; [|lra].
           apply (f_equal Rinv) in Q'. rewrite !Rinv_inv in Q'. lra.
        -- intros j Hj. pose proof (HT j Hj). pose proof (HT jm Hjm). cbv beta in *.
           assert (Q : a * zt j = (1 - zt j) * zt j).
           { apply (Sum_eq_each (fun j => a * zt j) (fun j => (1 - zt j) * zt j) kt); [|rewrite Sum_scal, <- SN, D0 in *; lra | exact Hj].
             intros k Hk'. specialize (A1 k Hk'). specialize (Z1 k Hk'). apply Rmult_le_compat_r; lra. }
           specialize (Z1 j Hj). assert (Q' : 1 - zt j = 1 - zt jm) by (apply Rmult_eq_reg_r with (zt j); unfold a in Q; lra). unfold zt in Q'.
           replace (1 - tail j / (tail j + t)) with (t / (tail j + t)) in Q' by (field; lra). replace (1 - tail jm / (tail jm + t)) with (t / (tail jm + t)) in Q' by (field; lra).
           unfold Rdiv in Q'. apply Rmult_eq_reg_l in Q'; [|lra]. apply (f_equal Rinv) in Q'. rewrite !Rinv_inv in Q'. lra.
      * intros [D0 (l & L1 & L2)]. replace r with 0 by (unfold r; rewrite D0; field; lra). rewrite !Rplus_0_r.
        assert (Hl : 0 < l) by (rewrite <- (L2 jm Hjm); apply HT; exact Hjm).
        assert (K1 : forall j, (j < kt)%nat -> zt j = l / (l + t)) by (intros j Hj; unfold zt; rewrite (L2 j Hj); reflexivity).
        assert (K2 : forall i, (i < kh)%nat -> zh i = t / (l + t)) by (intros i Hi; unfold zh; rewrite (L1 i Hi); reflexivity).
        assert (0 < INR kt) by (apply lt_0_INR; exact Hkt). assert (0 < INR kh) by (apply lt_0_INR; exact Hk).
        rewrite SN, SH. rewrite (Sum_ext (fun i => (1 - zt i) * zt i) (fun _ => (1 - l / (l + t)) * (l / (l + t)))) by (intros j Hj; rewrite (K1 j Hj); reflexivity).
        rewrite (Sum_ext (fun i => zh i * (1 - zh i)) (fun _ => t / (l + t) * (1 - t / (l + t)))) by (intros i Hi; rewrite (K2 i Hi); reflexivity).
        rewrite (Sum_ext _ _ _ K1), (Sum_ext _ _ _ K2), !Sum_const. field. lra.
    + assert (E1 : (sn + r) / (Sum zt 0 + r) = 1) by (assert (0 < r) by (unfold r; pos); rewrite SN; simpl; field; lra).
      assert (P : 0 < sh / (Sum zh kh + surplus)) by (apply Rdiv_lt_0_compat; lra).
      split; [lra|]. split; [lra|]. intros [D0 _]. lra.
Qed.
