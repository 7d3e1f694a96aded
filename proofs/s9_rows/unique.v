From KD Require Import Rows.

(* A standard interference function F of N positive numbers with a solution s: the iteration reaches s (Yates 1995). *)
Section Yates.
Variables (N : nat) (F : (nat -> R) -> nat -> R).
Hypothesis pos_F : forall b, (forall j, (j < N)%nat -> 0 < b j) -> forall i, (i < N)%nat -> 0 < F b i.
Hypothesis mono : forall b b', (forall j, (j < N)%nat -> 0 < b j <= b' j) -> forall i, (i < N)%nat -> F b i <= F b' i.
Hypothesis scal : forall b c, (forall j, (j < N)%nat -> 0 < b j) -> 1 < c -> forall i, (i < N)%nat -> F (fun j => c * b j) i < c * F b i.
Variable s : nat -> R.
Hypothesis pos_s : forall j, (j < N)%nat -> 0 < s j.
Hypothesis fixed : forall i, (i < N)%nat -> s i = F s i.
Fixpoint iter (b : nat -> R) (k : nat) : nat -> R := match k with O => b | S m => F (iter b m) end.
Lemma below_one (g : nat -> R) m : (forall i, (i < m)%nat -> g i < 1) -> exists th, 0 < th < 1 /\ forall i, (i < m)%nat -> g i <= th.
Proof.
  induction m as [|m IH]; intros H; [exists (1/2); split; [lra | intros; lia]|]. destruct IH as (th & T & B); [intros; apply H; lia|].
  assert (g m < 1) by (apply H; lia). exists (Rmax th (g m)). split; [unfold Rmax; destruct (Rle_dec th (g m)); lra|].
  intros i Hi. destruct (Nat.eq_dec i m) as [->|]; [apply Rmax_r | apply Rle_trans with th; [apply B; lia | apply Rmax_l]].
Qed.
Lemma scal_le b c : (forall j, (j < N)%nat -> 0 < b j) -> 1 <= c -> forall i, (i < N)%nat -> F (fun j => c * b j) i <= c * F b i.
Proof. intros Hb [Hc|<-] i Hi; [left; apply scal; assumption|]. rewrite Rmult_1_l. apply mono; [|exact Hi]. intros j Hj. specialize (Hb j Hj). lra. Qed.
Lemma step_up e : 1 < e -> exists th, 0 < th < 1 /\ forall C b, e <= C -> (forall j, (j < N)%nat -> 0 < b j <= C * s j) -> forall i, (i < N)%nat -> F b i <= th * C * s i.
Proof.
  intros He. destruct (below_one (fun i => F (fun j => e * s j) i / (e * s i)) N) as (th & T & B).
  { intros i Hi. specialize (pos_s i Hi) as P. apply lt_div_l; [nra|]. rewrite Rmult_1_l. rewrite (fixed i Hi). apply scal; assumption. }
  exists th. split; [exact T|]. intros C b HC Hb i Hi. specialize (B i Hi). cbv beta in B. pose proof (pos_s i Hi) as P.
  assert (F (fun j => e * s j) i <= th * (e * s i)) by (apply Rmult_le_reg_r with (/ (e * s i)); [apply Rinv_0_lt_compat; nra | rewrite Rmult_assoc, Rinv_r by nra; lra]).
  assert (1 <= C / e) by (apply le_div_r; lra).
  apply Rle_trans with (F (fun j => C / e * (e * s j)) i).
  { apply mono; [|exact Hi]. intros j Hj. specialize (Hb j Hj). replace (C / e * (e * s j)) with (C * s j) by (field; lra). exact Hb. }
  apply Rle_trans with (C / e * F (fun j => e * s j) i); [apply scal_le; [intros j Hj; specialize (pos_s j Hj); nra | assumption | exact Hi]|].
  apply Rle_trans with (C / e * (th * (e * s i))); [apply Rmult_le_compat_l; lra | right; field; lra].
Qed.
Lemma step_down e : 1 < e -> exists th, 0 < th < 1 /\ forall C b, e <= C -> (forall j, (j < N)%nat -> / C * s j <= b j) -> forall i, (i < N)%nat -> / (th * C) * s i <= F b i.
Proof.
  intros He. assert (Pe : forall j, (j < N)%nat -> 0 < / e * s j) by (intros j Hj; apply Rmult_lt_0_compat; [apply Rinv_0_lt_compat; lra | auto]).
  destruct (below_one (fun i => s i / (e * F (fun j => / e * s j) i)) N) as (th & T & B).
  { intros i Hi. pose proof (pos_F _ Pe i Hi) as P. apply lt_div_l; [nra|]. rewrite Rmult_1_l. apply Rle_lt_trans with (F (fun j => e * (/ e * s j)) i); [|apply scal; assumption].
    rewrite (fixed i Hi) at 1. apply mono; [|exact Hi]. intros j Hj. specialize (pos_s j Hj). rewrite <- Rmult_assoc, Rinv_r by lra. lra. }
  exists th. split; [exact T|]. intros C b HC Hb i Hi. specialize (B i Hi). cbv beta in B. pose proof (pos_F _ Pe i Hi) as P.
  assert (Q : s i <= th * (e * F (fun j => / e * s j) i)) by (apply Rmult_le_reg_r with (/ (e * F (fun j => / e * s j) i)); [apply Rinv_0_lt_compat; nra | rewrite Rmult_assoc, Rinv_r by nra; lra]).
  assert (PC : forall j, (j < N)%nat -> 0 < / C * s j) by (intros j Hj; apply Rmult_lt_0_compat; [apply Rinv_0_lt_compat; lra | auto]).
  assert (E : F (fun j => / e * s j) i <= C / e * F (fun j => / C * s j) i).
  { apply Rle_trans with (F (fun j => C / e * (/ C * s j)) i); [|apply scal_le; [exact PC | apply le_div_r; lra | exact Hi]].
    apply mono; [|exact Hi]. intros j Hj. replace (C / e * (/ C * s j)) with (/ e * s j) by (field; lra). split; [apply Pe; exact Hj | lra]. }
  assert (G : F (fun j => / C * s j) i <= F b i) by (apply mono; [|exact Hi]; intros j Hj; split; [apply PC; exact Hj | apply Hb; exact Hj]).
  apply Rmult_le_reg_l with (th * C); [apply Rmult_lt_0_compat; lra|]. rewrite <- Rmult_assoc, Rinv_r, Rmult_1_l by (apply Rgt_not_eq, Rmult_lt_0_compat; lra).
  apply Rle_trans with (1 := Q). rewrite Rmult_assoc. apply Rmult_le_compat_l; [lra|].
  apply Rle_trans with (e * (C / e * F (fun j => / C * s j) i)); [apply Rmult_le_compat_l; lra|]. replace (e * (C / e * F (fun j => / C * s j) i)) with (C * F (fun j => / C * s j) i) by (field; lra). apply Rmult_le_compat_l; lra.
Qed.

Lemma reached : forall b0, (forall j, (j < N)%nat -> 0 < b0 j) -> forall e, 1 < e ->
  exists K, forall k, (K <= k)%nat -> forall i, (i < N)%nat -> / e * s i <= iter b0 k i <= e * s i.
Proof.
  intros b0 H0 e He. destruct (step_up e He) as (t1 & T1 & U). destruct (step_down e He) as (t2 & T2 & D).
  assert (exists C, e <= C /\ forall j, (j < N)%nat -> / C * s j <= b0 j <= C * s j) as (C & HC & B0).
  { clear - H0 pos_s He. induction N as [|m IH]; [exists e; split; [lra | intros; lia]|]. destruct IH as (C & HC & B); [intros; apply pos_s; lia | intros; apply H0; lia|].
    assert (0 < s m) by (apply pos_s; lia). assert (0 < b0 m) by (apply H0; lia). set (r := Rmax (b0 m / s m) (s m / b0 m)).
    assert (R1 : b0 m / s m <= r) by apply Rmax_l. assert (R2 : s m / b0 m <= r) by apply Rmax_r.
    exists (Rmax C r). pose proof (Rmax_l C r). pose proof (Rmax_r C r). set (C' := Rmax C r) in *. split; [lra|]. intros j Hj.
    destruct (Nat.eq_dec j m) as [->|].
    - split; [apply Rmult_le_reg_l with C'; [lra|]; rewrite <- Rmult_assoc, Rinv_r by lra | ];
        [assert (s m <= r * b0 m) by (apply Rmult_le_reg_r with (/ b0 m); [apply Rinv_0_lt_compat; lra | rewrite Rmult_assoc, Rinv_r by lra; lra])
        |assert (b0 m <= r * s m) by (apply Rmult_le_reg_r with (/ s m); [apply Rinv_0_lt_compat; lra | rewrite Rmult_assoc, Rinv_r by lra; lra])]; nra.
    - destruct (B j) as [B1 B2]; [lia|]. assert (0 < s j) by (apply pos_s; lia). split; [apply Rle_trans with (2 := B1) | apply Rle_trans with (1 := B2)].
      + apply Rmult_le_compat_r; [lra | apply Rinv_le_contravar; lra].
      + apply Rmult_le_compat_r; lra. }
  assert (I : forall k i, (i < N)%nat -> 0 < iter b0 k i) by (induction k; intros i Hi; simpl; auto).
  assert (UP : forall k i, (i < N)%nat -> iter b0 k i <= Rmax e (t1 ^ k * C) * s i).
  { induction k as [|k IH]; intros i Hi; pose proof (pos_s i Hi).
    - simpl. rewrite Rmult_1_l. apply Rle_trans with (C * s i); [apply B0; exact Hi | apply Rmult_le_compat_r; [lra | apply Rmax_r]].
    - simpl. apply Rle_trans with (t1 * Rmax e (t1 ^ k * C) * s i); [apply U; [apply Rmax_l | intros j Hj; split; [apply I; exact Hj | apply IH; exact Hj] | exact Hi]|].
      apply Rmult_le_compat_r; [lra|]. rewrite Rmult_assoc. unfold Rmax. destruct (Rle_dec e (t1 ^ k * C)), (Rle_dec e (t1 * (t1 ^ k * C))); nra. }
  assert (DN : forall k i, (i < N)%nat -> / Rmax e (t2 ^ k * C) * s i <= iter b0 k i).
  { induction k as [|k IH]; intros i Hi; pose proof (pos_s i Hi).
    - simpl. rewrite Rmult_1_l. apply Rle_trans with (/ C * s i); [apply Rmult_le_compat_r; [lra | apply Rinv_le_contravar; [lra | apply Rmax_r]] | apply B0; exact Hi].
    - simpl. pose proof (Rmax_l e (t2 ^ k * C)). apply Rle_trans with (/ (t2 * Rmax e (t2 ^ k * C)) * s i); [|apply D; [assumption | intros j Hj; apply IH; exact Hj | exact Hi]].
      apply Rmult_le_compat_r; [lra|]. apply Rinv_le_contravar; [nra|]. rewrite Rmult_assoc. unfold Rmax in *. destruct (Rle_dec e (t2 ^ k * C)), (Rle_dec e (t2 * (t2 ^ k * C))); nra. }
  assert (SM : forall t, 0 < t < 1 -> exists K, forall k, (K <= k)%nat -> Rmax e (t ^ k * C) = e).
  { intros t Ht. destruct (pow_lt_1_zero t) with (y := e / C) as [K HK]; [rewrite Rabs_right; lra | apply Rdiv_lt_0_compat; lra|].
    exists K. intros k Hk. specialize (HK k Hk). assert (0 < t ^ k) by (apply pow_lt; lra). rewrite Rabs_right in HK by lra. apply Rmax_left.
    apply Rmult_le_reg_r with (/ C); [apply Rinv_0_lt_compat; lra|]. rewrite Rmult_assoc, Rinv_r by lra. lra. }
  destruct (SM t1 T1) as [K1 HK1]. destruct (SM t2 T2) as [K2 HK2]. exists (Nat.max K1 K2). intros k Hk i Hi.
  specialize (UP k i Hi). specialize (DN k i Hi). rewrite HK1 in UP by lia. rewrite HK2 in DN by lia. split; assumption.
Qed.
Lemma one_solution : forall b, (forall j, (j < N)%nat -> 0 < b j) -> (forall b b', (forall j, (j < N)%nat -> 0 < b j) -> (forall j, (j < N)%nat -> b' j = b j) -> forall i, (i < N)%nat -> F b' i = F b i) ->
  (forall i, (i < N)%nat -> b i = F b i) -> forall i, (i < N)%nat -> b i = s i.
Proof.
  intros b Hb ext E i Hi. assert (K : forall k j, (j < N)%nat -> iter b k j = b j) by (induction k; intros j Hj; simpl; [reflexivity | rewrite (E j Hj); apply ext; auto]).
  pose proof (pos_s i Hi). destruct (Rtotal_order (b i) (s i)) as [L|[L|L]]; [exfalso | exact L | exfalso].
  - set (e := (1 + s i / b i) / 2). assert (1 < s i / b i) by (apply lt_div_r; [auto | lra]). destruct (reached b Hb e) as [k Q]; [unfold e; lra|].
    destruct (Q k (le_n k) i Hi) as [Q1 _]. rewrite K in Q1 by exact Hi. specialize (Hb i Hi).
    assert (s i <= e * b i) by (apply Rmult_le_reg_l with (/ e); [apply Rinv_0_lt_compat; unfold e; lra | rewrite <- Rmult_assoc, Rinv_l by (unfold e; lra); lra]).
    assert (s i = s i / b i * b i) by (field; lra). unfold e in *. nra.
  - set (e := (1 + b i / s i) / 2). assert (1 < b i / s i) by (apply lt_div_r; [auto | lra]). destruct (reached b Hb e) as [k Q]; [unfold e; lra|].
    destruct (Q k (le_n k) i Hi) as [_ Q1]. rewrite K in Q1 by exact Hi. assert (b i = b i / s i * s i) by (field; lra). unfold e in *. nra.
Qed.
End Yates.

Section Solve.
Variables (d N : nat) (x : nat -> nat -> R) (q : nat -> R) (n : R) (b : nat -> R).
Hypothesis Hq : forall j, (j < N)%nat -> 0 <= q j.
Hypothesis Hn : 0 < n.
Hypothesis Hb : forall j, (j < N)%nat -> 0 < b j.
(* M v for the first m rows, row by row: a rank-one correction each *)
Fixpoint solve (m : nat) (v : nat -> R) : nat -> R := match m with O => v | S l =>
  let c := n / b l * q l in let u := solve l v in let w := solve l (x l) in
  fun k => u k - c * dot d (x l) u / (1 + c * dot d (x l) w) * w k end.
Lemma solve_is_M m v : (m <= N)%nat -> is_M d m x q n b v (solve m v).
Proof.
  revert v. unfold is_M, f.row_weight in *. induction m as [|m IH]; intros v Hm; [intros k Hk; simpl; ring|].
  assert (Hm' : (m <= N)%nat) by lia. pose proof (IH v Hm') as Iv. pose proof (IH (x m) Hm') as Iw. cbn [solve]. set (u := solve m v) in *. set (w := solve m (x m)) in *. clearbody u w.
  assert (Hc : 0 <= n / b m * q m) by (apply Rmult_le_pos; [apply Rle_mult_inv_pos; [lra | apply Hb; lia] | apply Hq; lia]). set (c := n / b m * q m) in *.
  assert (Hs : 0 <= dot d (x m) w) by (rewrite <- (M_Q d m x q n b (x m) w w Iw); apply Q_nonneg; [intros; apply Hq; lia | exact Hn | intros; apply Hb; lia]).
  set (s := dot d (x m) w) in *. assert (D : 0 < 1 + c * s) by nra. set (t := dot d (x m) u) in *. intros k Hk.
  assert (X : forall z, dot d z (fun k => u k - c * t / (1 + c * s) * w k) = dot d z u - c * t / (1 + c * s) * dot d z w) by (intros z; unfold dot; rewrite <- Sum_scal, <- Sum_minus; apply Sum_ext; intros; ring).
  cbn [Sum]. rewrite X. fold s t c.
  rewrite (Sum_ext _ (fun j => n / b j * q j * dot d (x j) u * x j k - c * t / (1 + c * s) * (n / b j * q j * dot d (x j) w * x j k))) by (intros j Hj; rewrite X; ring).
  rewrite Sum_minus, Sum_scal. specialize (Iv k Hk). specialize (Iw k Hk).
  replace (Sum (fun j => n / b j * q j * dot d (x j) u * x j k) m) with (v k - u k) by lra. replace (Sum (fun j => n / b j * q j * dot d (x j) w * x j k) m) with (x m k - w k) by lra. field. lra.
Qed.
End Solve.

(** whole: for every pool of rows that are not zero, (9) has at most one solution, and the iteration comes as close to
    it as wanted (within a factor e > 1) from any start, where there is one. *)
Theorem unique : forall (d N : nat) (x : nat -> nat -> R) (q : nat -> R) (n delta : R), (forall j, (j < N)%nat -> 0 <= q j) -> 0 < n -> 0 <= delta ->
  (forall j, (j < N)%nat -> exists k, (k < d)%nat /\ x j k <> 0) ->
  exists F : (nat -> R) -> nat -> R,
    (forall b, (forall j, (j < N)%nat -> 0 < b j) -> forall i, (i < N)%nat -> exists u, is_M d N x q n b (x i) u /\ F b i = f.row_scale delta (dot d (x i) u)) /\
    (forall s, (forall j, (j < N)%nat -> 0 < s j) -> (forall i, (i < N)%nat -> s i = F s i) ->
      (forall b, (forall j, (j < N)%nat -> 0 < b j) -> (forall i, (i < N)%nat -> b i = F b i) -> forall i, (i < N)%nat -> b i = s i) /\
      (forall b, (forall j, (j < N)%nat -> 0 < b j) -> forall e, 1 < e ->
        exists K, forall k, (K <= k)%nat -> forall i, (i < N)%nat -> / e * s i <= iter F b k i <= e * s i)).
Proof.
  formulas.
  intros d N x q n delta Hq Hn Hd Hx. set (f := fun b i => delta + dot d (x i) (solve d x q n b N (x i))). exists f.
  assert (S : forall b, (forall j, (j < N)%nat -> 0 < b j) -> forall v, is_M d N x q n b v (solve d x q n b N v)) by (intros b Hb v; apply solve_is_M with (N := N); auto).
  assert (P : forall b, (forall j, (j < N)%nat -> 0 < b j) -> forall i, (i < N)%nat -> 0 < f b i) by (intros b Hb i Hi; eapply scale_positive; eauto).
  assert (M : forall b b', (forall j, (j < N)%nat -> 0 < b j <= b' j) -> forall i, (i < N)%nat -> f b i <= f b' i).
  { intros b b' H i Hi. eapply scale_monotone; eauto; apply S; intros j Hj; specialize (H j Hj); lra. }
  assert (C : forall b c, (forall j, (j < N)%nat -> 0 < b j) -> 1 < c -> forall i, (i < N)%nat -> f (fun j => c * b j) i < c * f b i).
  { intros b c Hb Hc i Hi. eapply scale_scalable; eauto. apply S. intros j Hj. specialize (Hb j Hj). nra. }
  split; [|intros s Hs Fs; split].
  - intros b Hb i Hi. exists (solve d x q n b N (x i)). split; [apply S; exact Hb | reflexivity].
  - intros b Hb Fb. apply (one_solution N f P M C s Hs Fs b Hb); [|exact Fb].
    intros b1 b2 H1 E i Hi. apply Rle_antisym; apply M; try exact Hi; intros j Hj; rewrite (E j Hj); specialize (H1 j Hj); lra.
  - intros b Hb e He. exact (reached N f P M C s Hs Fs b Hb e He).
Qed.
