(* Section 9 of the theory over any field: a pool of N rows x j in d coordinates, weights w j. *)
From KD Require Export FormulasField.
From mathcomp Require Export ring.
Local Open Scope ring_scope.

Section Pool.
Variables (F : fieldType) (d N : nat).
Implicit Types (A B D M : 'M[F]_d) (x y : 'cV[F]_d).

(* y'Ax *)
Definition form A x y : F := (y^T *m A *m x) 0 0.
(* the sum of w_j x_j x_j' *)
Definition rows (X : 'I_N -> 'cV[F]_d) (w : 'I_N -> F) : 'M[F]_d := \sum_j w j *: (X j *m (X j)^T).

Lemma tr_rank_one A x y : \tr (x *m y^T *m A) = form A x y.
Proof. by rewrite -mulmxA mxtrace_mulC trace_mx11. Qed.
Lemma tr_rows X w A : \tr (rows X w *m A) = \sum_j w j * form A (X j) (X j).
Proof.
rewrite /rows mulmx_suml raddf_sum; apply: eq_bigr => j _ /=.
by rewrite -scalemxAl mxtraceZ tr_rank_one.
Qed.
Lemma formE A x y : (y^T *m A *m x) = (form A x y)%:M.
Proof. by rewrite /form -mx11_scalar. Qed.
Lemma form_tr A x y : form A^T x y = form A y x.
Proof.
rewrite /form; have -> : y^T *m A^T *m x = (x^T *m A *m y)^T by rewrite !trmx_mul trmxK mulmxA.
by rewrite mxE.
Qed.
Lemma formD A B x y : form (A + B) x y = form A x y + form B x y.
Proof. by rewrite /form mulmxDr mulmxDl mxE. Qed.
Lemma formB A B x y : form (A - B) x y = form A x y - form B x y.
Proof. by rewrite /form mulmxBr mulmxBl !mxE. Qed.
Lemma form_combined A x z (p q : F) y : form A (p *: x + q *: z) y = p * form A x y + q * form A z y.
Proof. by rewrite /form mulmxDr -!scalemxAr mxE [(p *: (_ : 'M_1)) 0 0]mxE [(q *: (_ : 'M_1)) 0 0]mxE. Qed.
Lemma form_square M x y : M^T = M -> form (M *m (x *m x^T) *m M) y y = form M x y ^+ 2.
Proof.
move=> SM; rewrite /form.
have -> : y^T *m (M *m (x *m x^T) *m M) *m y = (y^T *m M *m x) *m (x^T *m M *m y) by rewrite !mulmxA.
by rewrite mxE big_ord1 -/(form M x y) -/(form M y x) -[form M y x]form_tr SM expr2.
Qed.
Lemma form_rows M X w x : M^T = M -> form (M *m rows X w *m M) x x = \sum_j w j * form M x (X j) ^+ 2.
Proof.
move=> SM; rewrite -tr_rank_one.
have -> : x *m x^T *m (M *m rows X w *m M) = (x *m x^T *m M) *m (rows X w *m M) by rewrite !mulmxA.
rewrite mxtrace_mulC.
have -> : (rows X w *m M) *m (x *m x^T *m M) = rows X w *m (M *m (x *m x^T) *m M) by rewrite !mulmxA.
by rewrite tr_rows; apply: eq_bigr => j _; rewrite form_square.
Qed.
End Pool.
Arguments form {F d}.
Arguments rows {F d N}.

(* The size of a matrix over an ordered field: the sum of its absolute entries.  What a resolvent is off by is bounded. *)
Section Sizes.
Import Order.TTheory Num.Theory.
Variable F : realFieldType.
Definition size_of (m n : nat) (A : 'M[F]_(m, n)) : F := \sum_i \sum_j `|A i j|.
Arguments size_of {m n}.
Lemma size_ge0 m n (A : 'M[F]_(m, n)) : 0 <= size_of A.
Proof. by apply: sumr_ge0 => i _; apply: sumr_ge0 => j _; exact: normr_ge0. Qed.
Lemma sizeD m n (A B : 'M[F]_(m, n)) : size_of (A + B) <= size_of A + size_of B.
Proof.
rewrite /size_of -big_split; apply: ler_sum => i _ /=; rewrite -big_split; apply: ler_sum => j _ /=.
by rewrite mxE; exact: ler_norm_add.
Qed.
Lemma sizeZ m n (c : F) (A : 'M[F]_(m, n)) : size_of (c *: A) = `|c| * size_of A.
Proof. by rewrite /size_of mulr_sumr; apply: eq_bigr => i _; rewrite mulr_sumr; apply: eq_bigr => j _; rewrite mxE normrM. Qed.
Lemma sizeM m n q (A : 'M[F]_(m, n)) (B : 'M[F]_(n, q)) : size_of (A *m B) <= size_of A * size_of B.
Proof.
rewrite /size_of mulr_suml; apply: ler_sum => i _.
have row : \sum_j `|(A *m B) i j| <= \sum_k `|A i k| * \sum_j `|B k j|.
  under [X in _ <= X]eq_bigr do rewrite mulr_sumr.
  rewrite exchange_big /=; apply: ler_sum => j _; rewrite mxE; apply: le_trans (ler_norm_sum _ _ _) _.
  by apply: ler_sum => k _; rewrite normrM.
apply: le_trans row _; rewrite mulr_suml; apply: ler_sum => k _; apply: ler_wpmul2l; first exact: normr_ge0.
by rewrite (bigD1 k) //= ler_addl; apply: sumr_ge0 => l _; apply: sumr_ge0 => j _; exact: normr_ge0.
Qed.
Lemma size_eq0 m n (A : 'M[F]_(m, n)) : size_of A <= 0 -> A = 0.
Proof.
move=> H; have E : size_of A == 0 by rewrite eq_le H size_ge0.
move: E; rewrite psumr_eq0 => [/allP P | i _]; last by apply: sumr_ge0 => j _; exact: normr_ge0.
apply/matrixP => i j; have := P i (mem_index_enum _); rewrite /= psumr_eq0 => [/allP Q | k _]; last exact: normr_ge0.
by have := Q j (mem_index_enum _); rewrite /= normr_eq0 mxE => /eqP.
Qed.

(* N_h - N = - h N_h A N: a step of the resolvent *)
Definition small p (A N : 'M[F]_p) (h : F) := `|h| * (size_of A * size_of N) <= 2%:R^-1.
Arguments small {p}.
Lemma half_more (x y : F) : x <= y + 2%:R^-1 * x -> x <= 2%:R * y.
Proof.
move=> H; have two : (0 : F) < 2%:R by rewrite ltr0n.
have E : 2%:R * (y + 2%:R^-1 * x) = 2%:R * y + x by rewrite mulrDr mulrA mulfV ?mul1r // gt_eqF.
by have : 2%:R * x <= 2%:R * y + x; [rewrite -E ler_pmul2l | rewrite [2%:R * x]mulr_natl mulr2n ler_add2r].
Qed.
Lemma resolvent_size p (A N Nh : 'M[F]_p) h : small A N h -> Nh - N = - (h *: (Nh *m A *m N)) -> size_of Nh <= 2%:R * size_of N.
Proof.
move=> S E; apply: half_more; have EN : Nh = N + - h *: (Nh *m A *m N) by rewrite scaleNr -E addrC subrK.
rewrite {1}EN; apply: le_trans (sizeD _ _ _ _) _; rewrite ler_add2l sizeZ normrN.
have M : size_of (Nh *m A *m N) <= size_of Nh * (size_of A * size_of N).
  by rewrite -mulmxA; apply: le_trans (sizeM _ _ _ _ _) _; apply: ler_wpmul2l; [exact: size_ge0 | exact: sizeM].
apply: le_trans (ler_wpmul2l (normr_ge0 h) M) _; rewrite mulrCA [X in _ <= X]mulrC.
by apply: ler_wpmul2l; [exact: size_ge0 | exact: S].
Qed.
(* the quotient is - N A N, up to h times a bounded matrix *)
Lemma resolvent_quotient p (A N Nh : 'M[F]_p) h : h != 0 -> Nh - N = - (h *: (Nh *m A *m N)) ->
  h^-1 *: (Nh - N) + N *m A *m N = h *: (Nh *m A *m N *m A *m N).
Proof.
move=> h0 E; rewrite E scalerN scalerA mulVf // scale1r addrC -!mulmxA -mulmxBl.
by rewrite -opprB E opprK -scalemxAl !mulmxA.
Qed.
Lemma resolvent_error p (A N Nh : 'M[F]_p) h : h != 0 -> small A N h -> Nh - N = - (h *: (Nh *m A *m N)) ->
  size_of (h^-1 *: (Nh - N) + N *m A *m N) <= `|h| * (2%:R * size_of N * size_of (A *m N *m A *m N)).
Proof.
move=> h0 S E; rewrite resolvent_quotient // sizeZ; apply: ler_wpmul2l; first exact: normr_ge0.
have -> : Nh *m A *m N *m A *m N = Nh *m (A *m N *m A *m N) by rewrite !mulmxA.
apply: le_trans (sizeM _ _ _ _ _) _; apply: ler_wpmul2r; [exact: size_ge0 | exact: resolvent_size _ _ _ _ _ S E].
Qed.
(* K + h A is invertible as well, and its inverse such a step *)
Lemma still_unit p (A K : 'M[F]_p) h : K \in unitmx -> small A (invmx K) h -> K + h *: A \in unitmx.
Proof.
move=> UK S; rewrite -row_free_unit -kermx_eq0; apply/eqP; set u := kermx _.
have E0 : u *m (K + h *: A) = 0 by rewrite mulmx_ker.
have Eu : u = - h *: (u *m A *m invmx K).
  have : u *m K = - h *: (u *m A).
    by apply/eqP; rewrite -subr_eq0 scaleNr opprK scalemxAr -mulmxDr E0.
  by move/(congr1 (fun M => M *m invmx K)); rewrite mulmxK // -scalemxAl.
apply: size_eq0; have -> : 0 = 2%:R * 0 :> F by rewrite mulr0.
apply: half_more; rewrite add0r {1}Eu sizeZ normrN.
have M : size_of (u *m A *m invmx K) <= size_of u * (size_of A * size_of (invmx K)).
  by rewrite -mulmxA; apply: le_trans (sizeM _ _ _ _ _) _; apply: ler_wpmul2l; [exact: size_ge0 | exact: sizeM].
apply: le_trans (ler_wpmul2l (normr_ge0 h) M) _; rewrite mulrCA [X in _ <= X]mulrC.
by apply: ler_wpmul2l; [exact: size_ge0 | exact: S].
Qed.
Lemma resolvent_step p (A K : 'M[F]_p) h : K \in unitmx -> K + h *: A \in unitmx ->
  invmx (K + h *: A) - invmx K = - (h *: (invmx (K + h *: A) *m A *m invmx K)).
Proof.
move=> UK UH; set Nh := invmx _; set N := invmx K.
have E : Nh *m (K + h *: A) *m N = N by rewrite (mulVmx UH) mul1mx.
by rewrite -{1}E mulmxDr mulmxDl -mulmxA (mulmxV UK) mulmx1 -scalemxAr -scalemxAl opprD addrA subrr sub0r.
Qed.
End Sizes.
Arguments size_of {F m n}.
Arguments small {F p}.
