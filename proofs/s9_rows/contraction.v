From KD Require Import Pool.
Import Order.TTheory Num.Theory.
Local Open Scope ring_scope.

(* M of (9) for a pool of N rows with equal shares 1/N and scales b *)
Definition K_of (F : realFieldType) (d m : nat) (X : 'I_m -> 'cV[F]_d) (n size : F) (b : 'I_m -> F) : 'M[F]_d :=
  1%:M + rows X (fun j => f.row_weight n (b j) * size^-1).
Definition J (F : realFieldType) (d m : nat) (X : 'I_m -> 'cV[F]_d) (n size : F) (b : 'I_m -> F) (M : 'M[F]_d) i j : F :=
  f.coupling n size (b i) (b j) (form M (X j) (X i)).

(** row sums: at a solution of (9) the couplings of row i add up to 1 - (delta + x'M^2x)/b; none of them is negative. *)
Theorem row_sums : forall (F : realFieldType) (d m : nat) (X : 'I_m -> 'cV[F]_d) (n size delta : F) (b : 'I_m -> F) (M : 'M[F]_d) i,
  0 < n -> 0 < size -> (forall j, 0 < b j) -> M^T = M -> M \in unitmx -> invmx M = K_of F d m X n size b ->
  b i = f.row_scale delta (form M (X i) (X i)) ->
  (forall j, 0 <= J F d m X n size b M i j) /\
  \sum_j J F d m X n size b M i j = 1 - (delta + form (M *m M) (X i) (X i)) / b i.
Proof.
move=> F d m X n size delta b M i n0 s0 b0 SM UM EM Eb; have bi : b i != 0 by rewrite gt_eqF.
split=> [j |].
  rewrite /J /f.coupling; apply: divr_ge0; first by rewrite -mulrA -expr2 mulr_ge0 ?sqr_ge0 // ltW.
  by rewrite ltW // !mulr_gt0.
have S : M *m rows X (fun j => f.row_weight n (b j) * size^-1) *m M = M - M *m M.
  have -> : rows X (fun j => f.row_weight n (b j) * size^-1) = invmx M - 1%:M by rewrite EM /K_of addrC addKr.
  by rewrite mulmxBr mulmx1 (mulmxV UM) mulmxBl mul1mx.
have E : form (M - M *m M) (X i) (X i) = \sum_j f.row_weight n (b j) * size^-1 * form M (X i) (X j) ^+ 2 by rewrite -S form_rows.
have Q : 1 - (delta + form (M *m M) (X i) (X i)) / b i = form (M - M *m M) (X i) (X i) / b i.
  rewrite formB; have -> : form M (X i) (X i) = b i - delta by rewrite Eb /f.row_scale addrC addKr.
  by move: (form (M *m M) _ _) => c; field.
rewrite Q E mulr_suml; apply: eq_bigr => j _; rewrite /J /f.coupling /f.row_weight.
have -> : form M (X i) (X j) = form M (X j) (X i) by rewrite -form_tr SM.
have bj : b j != 0 by rewrite gt_eqF.
have s1 : size != 0 by rewrite gt_eqF.
by move: (form M (X j) (X i)) => c; field; rewrite bi bj s1.
Qed.

Lemma norm_pos (F : realFieldType) d (v : 'cV[F]_d) : v != 0 -> 0 < (v^T *m v) 0 0.
Proof.
move=> v0; have E : (v^T *m v) 0 0 = \sum_i v i 0 ^+ 2 by rewrite mxE; apply: eq_bigr => i _; rewrite mxE expr2.
rewrite E lt_def sumr_ge0 ?andbT => [| i _]; last exact: sqr_ge0.
apply: contra v0; rewrite psumr_eq0 => [/allP H | i _]; last exact: sqr_ge0.
by apply/eqP/colP => i; have := H i (mem_index_enum _); rewrite /= sqrf_eq0 mxE => /eqP ->.
Qed.

(** below 1: the row sum is below 1, with and without a ridge, for every row that is not zero. *)
Theorem below_one : forall (F : realFieldType) (d : nat) (delta b : F) (M : 'M[F]_d) (x : 'cV[F]_d),
  0 <= delta -> 0 < b -> M^T = M -> M \in unitmx -> x != 0 -> 1 - (delta + form (M *m M) x x) / b < 1.
Proof.
move=> F d delta b M x d0 b0 SM UM x0; rewrite ltr_subl_addr ltr_addl divr_gt0 //.
apply: ltr_paddl => //; have -> : form (M *m M) x x = ((M *m x)^T *m (M *m x)) 0 0 by rewrite /form trmx_mul SM !mulmxA.
apply: norm_pos; apply: contra x0 => /eqP E; apply/eqP.
by rewrite -(mulKmx UM x) E mulmx0.
Qed.

(** derivative: in s_j = 1/b_j, where d log f_i/d log b_j is -(s_j/f_i) df_i/ds_j, the derivative of f_i is -b_i b_j J_ij, with an
    explicit bound of what a step h of s_j leaves; M is that of the solution, where f_i = b_i. *)
Theorem derivative : forall (F : realFieldType) (d m : nat) (X : 'I_m -> 'cV[F]_d) (n size delta h : F) (b : 'I_m -> F) (M : 'M[F]_d) i j,
  0 < size -> (forall k, 0 < b k) -> M^T = M -> M \in unitmx -> h != 0 ->
  let A := (n / size) *: (X j *m (X j)^T) in
  let moved := invmx (invmx M + h *: A) in
  let f s := f.row_scale delta (form s (X i) (X i)) in
  `|h| * (size_of A * size_of M) <= 2%:R^-1 ->
  `|(f moved - f M) / h - - (b i * b j * J F d m X n size b M i j)|
  <= `|h| * (2%:R * size_of M * size_of (A *m M *m A *m M)) * (size_of (X i)^T * size_of (X i)).
Proof.
move=> F d m X n size delta h b M i j s0 b0 SM UM h0 A moved f S.
have s1 : size != 0 by rewrite gt_eqF.
have bi : b i != 0 by rewrite gt_eqF.
have bj : b j != 0 by rewrite gt_eqF.
have IM : invmx (invmx M) = M by rewrite invmxK.
have UK : invmx M \in unitmx by rewrite unitmx_inv.
have SK : small A (invmx (invmx M)) h by rewrite IM.
have ST : moved - M = - (h *: (moved *m A *m M)).
  by have := resolvent_step F d A (invmx M) h UK (still_unit _ _ _ _ _ UK SK); rewrite IM.
have E := resolvent_error _ _ _ _ _ _ h0 S ST.
have -> : (f moved - f M) / h - - (b i * b j * J F d m X n size b M i j)
  = form (h^-1 *: (moved - M) + M *m A *m M) (X i) (X i).
  rewrite formD opprK; congr (_ + _).
    rewrite /f /f.row_scale opprD addrACA subrr add0r mulrC /form -scalemxAr -scalemxAl mxE mulmxBr mulmxBl !mxE //.
  rewrite /A -scalemxAr -scalemxAl /form -scalemxAr -scalemxAl mxE -/(form _ (X i) (X i)) form_square //.
  rewrite /J /f.coupling.
  by move: (form M (X j) (X i)) => c; field; rewrite bi bj s1.
have one (N : 'M[F]_1) : `|N 0 0| <= size_of N by rewrite /size_of !big_ord1.
rewrite /form; apply: le_trans (one _) _; apply: le_trans (sizeM _ _ _ _ _ _) _.
apply: le_trans (ler_wpmul2r (size_ge0 _ _ _ _) (sizeM _ _ _ _ _ _)) _.
by rewrite mulrAC mulrC; apply: ler_wpmul2r => //; rewrite mulr_ge0 ?size_ge0.
Qed.

Section Wrong.
Variable F : realFieldType.
(** control of below 1: for a row that is zero, without a ridge. *)
Theorem not_for_zero : ~ forall (delta b q : F), 0 <= delta -> 0 < b -> 0 <= q -> 1 - (delta + q) / b < 1.
Proof. by move=> H; have := H 0 1 0 (lexx _) ltr01 (lexx _); rewrite addr0 mul0r subr0 ltxx. Qed.
End Wrong.
