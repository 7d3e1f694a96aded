(* Section 9 of the theory for a pool of N rows x j with probabilities q j, in d coordinates. *)
From KD Require Export Formulas.

Definition dot (d : nat) (u v : nat -> R) := Sum (fun k => u k * v k) d.
(* M v = u for M = (I + n E[x x' / b])^-1: n / b is row_weight *)
Definition is_M (d N : nat) (x : nat -> nat -> R) (q : nat -> R) (n : R) (b : nat -> R) (v u : nat -> R) :=
  forall k, (k < d)%nat -> u k + Sum (fun j => f.row_weight n (b j) * q j * dot d (x j) u * x j k) N = v k.
Section Pool.
Variables (d N : nat) (x : nat -> nat -> R) (q : nat -> R) (n : R).
Hypothesis Hq : forall j, (j < N)%nat -> 0 <= q j.
Hypothesis Hn : 0 < n.
Notation dt := (dot d).
Notation M := (is_M d N x q n).
Definition Q (b : nat -> R) u v := dt u v + Sum (fun j => n / b j * q j * dt (x j) u * dt (x j) v) N.
Lemma dot_sym u v : dt u v = dt v u. Proof. apply Sum_ext. intros; ring. Qed.
Lemma dot_lin a u c v z : dt (fun k => a * u k + c * v k) z = a * dt u z + c * dt v z.
Proof. unfold dot. rewrite <- !Sum_scal, <- Sum_plus. apply Sum_ext. intros; ring. Qed.
Lemma dot_nonneg u : 0 <= dt u u. Proof. apply Sum_nonneg. intros. exact (Rle_0_sqr _). Qed.
Lemma Sum_swap (g : nat -> nat -> R) m l : Sum (fun k => Sum (fun j => g j k) m) l = Sum (fun j => Sum (fun k => g j k) l) m.
Proof. induction m as [|m IH]; simpl; [apply Sum_zero; reflexivity|]. rewrite Sum_plus, IH. reflexivity. Qed.
Lemma M_Q b v u z : M b v u -> Q b u z = dt v z.
Proof.
  intros H. unfold is_M, f.row_weight in H. unfold Q. change (dt u z) with (Sum (fun k => u k * z k) d). change (dt v z) with (Sum (fun k => v k * z k) d). rewrite (Sum_ext (fun k => v k * z k) (fun k => (u k + Sum (fun j => n / b j * q j * dt (x j) u * x j k) N) * z k)) by (intros k Hk; rewrite (H k Hk); reflexivity).
  rewrite (Sum_ext (fun k => (u k + _) * z k) (fun k => u k * z k + Sum (fun j => n / b j * q j * dt (x j) u * x j k * z k) N)).
  - rewrite Sum_plus, Sum_swap. f_equal. apply Sum_ext. intros j Hj. change (dt (x j) z) with (Sum (fun k => x j k * z k) d). rewrite <- Sum_scal. apply Sum_ext. intros; ring.
  - intros k Hk. rewrite Rmult_plus_distr_r. f_equal. rewrite Rmult_comm, <- Sum_scal. apply Sum_ext. intros; ring.
Qed.
Lemma Q_lin b a u c v z : Q b (fun k => a * u k + c * v k) z = a * Q b u z + c * Q b v z.
Proof. unfold Q. rewrite dot_lin, !Rmult_plus_distr_l, <- !Sum_scal. match goal with |- ?p + ?q + ?r = ?s + ?t + (?e + ?g) => replace (s + t + (e + g)) with (s + e + (t + g)) by ring end.
  f_equal. rewrite <- Sum_plus. apply Sum_ext. intros j Hj. rewrite (dot_sym (x j) (fun k => a * u k + c * v k)), dot_lin, !(dot_sym _ (x j)). ring. Qed.
Lemma Q_sym b u v : Q b u v = Q b v u. Proof. unfold Q. rewrite dot_sym. f_equal. apply Sum_ext. intros; ring. Qed.
Lemma Q_nonneg b u : (forall j, (j < N)%nat -> 0 < b j) -> 0 <= Q b u u.
Proof. intros H. pose proof (dot_nonneg u). assert (0 <= Sum (fun j => n / b j * q j * dt (x j) u * dt (x j) u) N); [|unfold Q; lra].
  apply Sum_nonneg. intros j Hj. apply sq_nonneg. apply Rmult_le_pos; [apply Rle_mult_inv_pos; [lra | auto] | auto]. Qed.
(* x'Mx is the largest value of 2 z'x - z'(I + S)z *)
Lemma variational b v u z : (forall j, (j < N)%nat -> 0 < b j) -> M b v u -> 2 * dt v z - Q b z z <= dt v u.
Proof.
  intros Hb H. pose proof (Q_nonneg b (fun k => 1 * u k + (-1) * z k) Hb) as P. rewrite Q_lin, (Q_sym b u), (Q_sym b z), !Q_lin in P.
  rewrite (Q_sym b z u), !(M_Q b v u _ H) in P. lra.
Qed.
Lemma M_zero b v u : M b v u -> dt u u = 0 -> forall k, (k < d)%nat -> v k = 0.
Proof.
  intros H E k Hk. unfold is_M, f.row_weight in H. assert (Z : forall k, (k < d)%nat -> u k = 0).
  { intros l Hl. pose proof (Sum_zero_each (fun k => u k * u k) d (fun i _ => Rle_0_sqr (u i)) E l Hl) as P. apply Rmult_integral in P. tauto. }
  rewrite <- (H k Hk), (Z k Hk), Sum_zero; [ring|]. intros j Hj. unfold dot. rewrite Sum_zero; [ring|]. intros l Hl. rewrite (Z l Hl). ring.
Qed.
End Pool.

(* f(b) > 0 for every row that is not zero, with and without a ridge. *)
Lemma scale_positive : forall (d N : nat) (x : nat -> nat -> R) (q : nat -> R) (n delta : R) (v : nat -> R) b u, (forall j, (j < N)%nat -> 0 <= q j) -> 0 < n -> 0 <= delta ->
  (forall j, (j < N)%nat -> 0 < b j) -> is_M d N x q n b v u -> (exists k, (k < d)%nat /\ v k <> 0) -> 0 < f.row_scale delta (dot d v u).
Proof.
  formulas.
  intros d N x q n delta v b u Hq Hn Hd Hb H (k & Hk & V). pose proof (M_Q d N x q n b v u u H) as E. unfold Q in E.
  assert (0 <= Sum (fun j => n / b j * q j * dot d (x j) u * dot d (x j) u) N) by (apply Sum_nonneg; intros j Hj; apply sq_nonneg; apply Rmult_le_pos; [apply Rle_mult_inv_pos; [lra | auto] | auto]).
  pose proof (dot_nonneg d u) as P. destruct P as [P|P]; [lra|]. exfalso. apply V. exact (M_zero d N x q n b v u H (eq_sym P) k Hk).
Qed.

(* f(b) grows with b. *)
Lemma scale_monotone : forall (d N : nat) (x : nat -> nat -> R) (q : nat -> R) (n delta : R) (v : nat -> R) b b' u u', (forall j, (j < N)%nat -> 0 <= q j) -> 0 < n -> 0 <= delta ->
  (forall j, (j < N)%nat -> 0 < b j <= b' j) -> is_M d N x q n b v u -> is_M d N x q n b' v u' ->
  f.row_scale delta (dot d v u) <= f.row_scale delta (dot d v u').
Proof.
  formulas.
  intros d N x q n delta v b b' u u' Hq Hn Hd Hb H H'. apply Rplus_le_compat_l.
  assert (B' : forall j, (j < N)%nat -> 0 < b' j) by (intros j Hj; specialize (Hb j Hj); lra).
  pose proof (variational d N x q n Hq Hn b' v u' u B' H') as V. pose proof (M_Q d N x q n b v u u H) as E.
  assert (Q d N x q n b' u u <= Q d N x q n b u u); [|lra]. apply Rplus_le_compat_l, Sum_le. intros j Hj. specialize (Hb j Hj). specialize (Hq j Hj).
  rewrite !(Rmult_assoc (_ * q j)). apply Rmult_le_compat_r; [exact (Rle_0_sqr _)|]. apply Rmult_le_compat_r; [exact Hq|].
  apply Rmult_le_compat_l; [lra | apply Rinv_le_contravar; lra].
Qed.

(* f(c b) < c f(b) for c > 1 and every row that is not zero. *)
Lemma scale_scalable : forall (d N : nat) (x : nat -> nat -> R) (q : nat -> R) (n delta : R) (v : nat -> R) b c u uc, (forall j, (j < N)%nat -> 0 <= q j) -> 0 < n -> 0 <= delta ->
  (forall j, (j < N)%nat -> 0 < b j) -> 1 < c -> is_M d N x q n b v u -> is_M d N x q n (fun j => c * b j) v uc ->
  (exists k, (k < d)%nat /\ v k <> 0) -> f.row_scale delta (dot d v uc) < c * f.row_scale delta (dot d v u).
Proof.
  formulas.
  intros d N x q n delta v b c u uc Hq Hn Hd Hb Hc H H' (k & Hk & V).
  pose proof (variational d N x q n Hq Hn b v u (fun k => / c * uc k + 0 * uc k) Hb H) as P. pose proof (M_Q d N x q n _ v uc uc H') as E.
  rewrite Q_lin, (Q_sym _ _ _ _ _ b uc), Q_lin, (dot_sym d v (fun k => / c * uc k + 0 * uc k)), dot_lin, (dot_sym d uc v) in P. unfold Q in P, E.
  rewrite (Sum_ext _ (fun j => / c * (n / b j * q j * dot d (x j) uc * dot d (x j) uc))) in E by (intros j Hj; specialize (Hb j Hj); field; lra).
  rewrite Sum_scal in E. set (s := Sum _ N) in *. set (uu := dot d uc uc) in *. set (vu := dot d v uc) in *.
  assert (0 < uu) by (destruct (dot_nonneg d uc) as [L|L]; [exact L|]; exfalso; apply V; exact (M_zero d N x q n _ v uc H' (eq_sym L) k Hk)).
  assert (I : 0 < / c < 1) by (split; [apply Rinv_0_lt_compat; lra | rewrite <- Rinv_1; apply Rinv_lt_contravar; lra]).
  assert (C : c * / c = 1) by (apply Rinv_r; lra).
  apply (Rmult_le_compat_l c) in P; [|lra]. assert (P' : 2 * vu - / c * (uu + s) <= c * dot d v u) by (replace (2 * vu - / c * (uu + s)) with (c * (2 * (/ c * vu + 0 * vu) - (/ c * (/ c * (uu + s) + 0 * (uu + s)) + 0 * (/ c * (uu + s) + 0 * (uu + s))))); [exact P | replace (c * (2 * (/ c * vu + 0 * vu) - (/ c * (/ c * (uu + s) + 0 * (uu + s)) + 0 * (/ c * (uu + s) + 0 * (uu + s))))) with ((c * / c) * (2 * vu - / c * (uu + s))) by ring; rewrite C; ring]).
  assert (0 < uu * (1 - / c)) by (apply Rmult_lt_0_compat; lra). nra.
Qed.
