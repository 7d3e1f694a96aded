From KD Require Import Roots.

(* t, and h for G kinds of rows with shares w and weights v *)
Definition spared p lam tau := f.spared_trace p lam (zetas lam tau).
Definition level p lam G w v n delta tau :=
  n * tau * Sum (fun g => f.pull (w g) (v g) (f.weight_scale delta (v g) (spared p lam tau))) G.

(** 11.weighted-root, t: it rises with tau, t/tau falls, and t is between 0 and tr Sigma. *)
Theorem trace : forall p lam a b, positive p lam -> 0 < a < b ->
  0 <= spared p lam a <= spared p lam b /\ spared p lam b / b <= spared p lam a / a /\ spared p lam b <= Sum lam p.
Proof.
  intros p lam a b HL Hab. unfold spared, f.spared_trace. split; [split |split].
  - apply Sum_nonneg. intros i Hi. specialize (HL i Hi). modes. left. pos.
  - apply Sum_le. intros i Hi. specialize (HL i Hi). modes. apply Rmult_le_compat_l; [lra |].
    apply le_div_l; [lra |]. replace (b / (lam i + b) * (lam i + a)) with (b * (lam i + a) / (lam i + b)) by (field; lra). apply le_div_r; nra.
  - unfold Rdiv. rewrite !(Rmult_comm (Sum _ p)), <- !Sum_scal. apply Sum_le. intros i Hi. specialize (HL i Hi). modes.
    replace (/ b * (lam i * (b / (lam i + b)))) with (lam i * / (lam i + b)) by (field; lra).
    replace (/ a * (lam i * (a / (lam i + a)))) with (lam i * / (lam i + a)) by (field; lra).
    apply Rmult_le_compat_l; [lra | apply Rinv_le_contravar; lra].
  - apply Sum_le. intros i Hi. specialize (HL i Hi). modes. replace (lam i) with (lam i * 1) at 3 by ring.
    apply Rmult_le_compat_l; [lra |]. apply le_div_l; lra.
Qed.

Lemma level_rises p lam G w v n delta a b : positive p lam -> positive G w -> positive G v -> (0 < G)%nat -> 0 < n -> 0 < delta -> 0 < a < b ->
  level p lam G w v n delta a < level p lam G w v n delta b.
Proof.
  intros HL HW HV HG Hn Hd Hab. destruct (trace p lam a b HL Hab) as ((T0 & T1) & T2 & _). unfold level.
  set (s := spared p lam a) in *. set (t := spared p lam b) in *. clearbody s t. rewrite <- !Sum_scal. apply Sum_lt; [exact HG |].
  intros g Hg. specialize (HW g Hg). specialize (HV g Hg). formulas.
  assert (S0 : 0 <= v g * s) by (apply Rmult_le_pos; lra). assert (S1 : 0 <= v g * t) by (apply Rmult_le_pos; lra).
  replace (n * a * (w g * v g / (delta + v g * s))) with (n * w g * v g * (a / (delta + v g * s))) by (field; lra).
  replace (n * b * (w g * v g / (delta + v g * t))) with (n * w g * v g * (b / (delta + v g * t))) by (field; lra).
  apply Rmult_lt_compat_l; [repeat apply Rmult_lt_0_compat; assumption |].
  apply lt_div_l; [lra |]. replace (b / (delta + v g * t) * (delta + v g * s)) with (b * (delta + v g * s) / (delta + v g * t)) by (field; lra).
  apply lt_div_r; [lra |]. assert (a * t <= b * s).
  { apply (Rmult_le_compat_r (a * b)) in T2; [| apply Rmult_le_pos; lra].
    replace (t / b * (a * b)) with (a * t) in T2 by (field; lra). replace (s / a * (a * b)) with (b * s) in T2 by (field; lra). exact T2. }
  assert (a * delta < b * delta) by (apply Rmult_lt_compat_r; lra). assert (v g * (a * t) <= v g * (b * s)) by (apply Rmult_le_compat_l; lra). lra.
Qed.

(** 11.weighted-root, rises: h rises strictly from 0 without bound, and is 1 at exactly one tau, which lies between any two
    values at which h is below and above 1; any number of modes, any number of kinds of rows. *)
Theorem one_root : forall p lam G w v n delta, positive p lam -> (0 < G)%nat -> positive G w -> positive G v -> 0 < n -> 0 < delta ->
  let h := level p lam G w v n delta in
  (forall a b, 0 < a < b -> h a < h b) /\
  (forall e, 0 < e -> exists tau, 0 < tau /\ 0 < h tau < e) /\ (forall bound, exists tau, 0 < tau /\ bound < h tau) /\
  exists root, 0 < root /\ h root = 1 /\ (forall tau, 0 < tau -> h tau = 1 -> tau = root) /\
    forall a b, 0 < a -> 0 < b -> h a < 1 < h b -> a < root < b.
Proof.
  cbv zeta. intros p lam G w v n delta HL HG HW HV Hn Hd. set (h := level p lam G w v n delta).
  assert (RISE : forall a b, 0 < a < b -> h a < h b) by (intros; apply level_rises; auto).
  set (L := Sum lam p). assert (PL : 0 <= L) by (apply Sum_nonneg; intros i Hi; specialize (HL i Hi); lra).
  set (big := Sum (fun g => w g * v g / delta) G). set (small := Sum (fun g => w g * v g / (delta + v g * L)) G).
  assert (PB : 0 < big) by (apply Sum_pos; [exact HG | intros g Hg; specialize (HW g Hg); specialize (HV g Hg); pos]).
  assert (PS : 0 < small).
  { apply Sum_pos; [exact HG |]. intros g Hg. specialize (HW g Hg). specialize (HV g Hg).
    assert (0 <= v g * L) by (apply Rmult_le_pos; lra). apply Rdiv_lt_0_compat; [apply Rmult_lt_0_compat; assumption | lra]. }
  assert (B : forall t, 0 < t -> n * t * small <= h t <= n * t * big).
  { intros t Ht. assert (N : 0 <= n * t) by (apply Rmult_le_pos; lra).
    destruct (trace p lam (t / 2) t HL ltac:(lra)) as ((Q0 & Q1) & _ & Q2). fold L in Q2.
    unfold h, level, big, small. set (s := spared p lam t) in *. assert (S : 0 <= s) by lra.
    split; (apply Rmult_le_compat_l; [exact N |]); apply Sum_le; intros g Hg; specialize (HW g Hg); specialize (HV g Hg); formulas;
      (apply Rmult_le_compat_l; [apply Rmult_le_pos; lra |]); apply Rinv_le_contravar; try lra.
    - assert (0 <= v g * s) by (apply Rmult_le_pos; lra). lra.
    - assert (v g * s <= v g * L) by (apply Rmult_le_compat_l; lra). lra.
    - assert (0 <= v g * s) by (apply Rmult_le_pos; lra). lra. }
  assert (PNB : 0 < n * big) by (apply Rmult_lt_0_compat; assumption). assert (PNS : 0 < n * small) by (apply Rmult_lt_0_compat; assumption).
  assert (LOW : forall e, 0 < e -> exists tau, 0 < tau /\ 0 < h tau < e).
  { intros e He. exists (e / (2 * (n * big))). assert (T : 0 < e / (2 * (n * big))) by (apply Rdiv_lt_0_compat; lra). split; [exact T |].
    destruct (B _ T) as [B1 B2]. set (t := e / (2 * (n * big))) in *. assert (0 < n * t * small) by (apply Rmult_lt_0_compat; [apply Rmult_lt_0_compat |]; assumption).
    assert (n * t * big = e / 2) by (unfold t; field; lra). lra. }
  assert (HIGH : forall bound, exists tau, 0 < tau /\ bound < h tau).
  { intros bound. set (m := Rmax bound 1). exists (2 * m / (n * small)). assert (M : 1 <= m) by apply Rmax_r. assert (M2 : bound <= m) by apply Rmax_l.
    assert (T : 0 < 2 * m / (n * small)) by (apply Rdiv_lt_0_compat; lra). split; [exact T |].
    destruct (B _ T) as [B1 _]. set (t := 2 * m / (n * small)) in *. assert (n * t * small = 2 * m) by (unfold t; field; lra). lra. }
  split; [exact RISE | split; [exact LOW | split; [exact HIGH |]]].
  assert (MONO : forall a b, 0 < a -> 0 < b -> h a < h b -> a < b).
  { intros a b Ha Hb Q. destruct (Rtotal_order a b) as [O|[O|O]]; [exact O | subst; lra |]. specialize (RISE b a ltac:(lra)). lra. }
  destruct (LOW (1 / 2)) as (a & Ha & A); [lra |]. destruct (HIGH 2) as (b & Hb & Bb).
  assert (AB : a < b) by (apply MONO; lra).
  destruct (IVT_interv (fun t => h t - 1) a b) as (root & Hr & Er); try lra.
  - intros x Hx. apply continuity_pt_minus; [| apply continuity_pt_const; intros ? ?; reflexivity].
    assert (CT : continuity_pt (fun t => spared p lam t) x).
    { unfold spared, f.spared_trace. apply Sum_continuity. intros i Hi. specialize (HL i Hi). unfold zetas, f.zeta.
      apply continuity_pt_mult; [apply continuity_pt_const; intros ? ?; reflexivity |].
      apply continuity_pt_div; [apply continuity_pt_id | | lra].
      apply continuity_pt_plus; [apply continuity_pt_const; intros ? ?; reflexivity | apply continuity_pt_id]. }
    unfold h, level. apply continuity_pt_mult.
    + apply continuity_pt_mult; [apply continuity_pt_const; intros ? ?; reflexivity | apply continuity_pt_id].
    + apply Sum_continuity. intros g Hg. specialize (HW g Hg). specialize (HV g Hg). unfold f.pull, f.weight_scale.
      apply continuity_pt_div; [apply continuity_pt_const; intros ? ?; reflexivity | |].
      * apply continuity_pt_plus; [apply continuity_pt_const; intros ? ?; reflexivity |].
        apply continuity_pt_mult; [apply continuity_pt_const; intros ? ?; reflexivity | exact CT].
      * destruct (trace p lam (x / 2) x HL ltac:(lra)) as ((Q0 & Q1) & _). assert (0 <= v g * spared p lam x) by (apply Rmult_le_pos; lra). lra.
  - assert (R0 : 0 < root) by lra. assert (E : h root = 1) by lra. exists root. split; [exact R0 | split; [exact E | split]].
    + intros t Ht Et. destruct (Rtotal_order t root) as [O|[O|O]]; [| exact O |].
      * specialize (RISE t root ltac:(lra)). lra.
      * specialize (RISE root t ltac:(lra)). lra.
    + intros x y Hx Hy Q. split; apply MONO; lra.
Qed.

(** 11.weighted-root, control of t: t/tau does not rise. *)
Theorem not_faster : ~ forall p lam a b, positive p lam -> 0 < a < b -> spared p lam a / a <= spared p lam b / b.
Proof.
  intros H. specialize (H 1%nat (fun _ => 1) 1 2 ltac:(intros ? ?; lra) ltac:(lra)). unfold spared in H. modes. cbn [Sum] in H. lra.
Qed.
