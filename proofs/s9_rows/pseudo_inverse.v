From KD Require Import Pool.
Local Open Scope ring_scope.

(** ridge: over any field, for the first of m + 1 rows (rows can be exchanged): the column of the ridge pseudo-inverse that
    belongs to the row x is N_- x/(delta + x'N_- x), with N_- of the other rows Y. *)
Theorem ridge : forall (F : fieldType) (m p : nat) (x : 'cV[F]_p) (Y : 'M[F]_(m, p)) (delta : F),
  delta != 0 ->
  let X := col_mx x^T Y in
  let N := invmx (1%:M + delta^-1 *: (Y^T *m Y)) in
  1%:M + delta^-1 *: (Y^T *m Y) \in unitmx -> X *m X^T + delta%:M \in unitmx -> X^T *m X + delta%:M \in unitmx ->
  f.row_scale delta (form N x x) != 0 ->
  X^T *m invmx (X *m X^T + delta%:M) *m delta_mx (lshift m 0) 0 = (f.row_scale delta (form N x x))^-1 *: (N *m x).
Proof.
rewrite /f.row_scale => F m p x Y delta d0 /= UK UX UP s0; set X := col_mx x^T Y; set K := 1%:M + _ in UK *; set N := invmx K.
have XX : X^T *m X = x *m x^T + Y^T *m Y by rewrite /X tr_col_mx mul_row_col trmxK.
have Xe : X^T *m delta_mx (lshift m 0) 0 = x.
  by rewrite /X tr_col_mx trmxK -colE; apply/colP => i; rewrite !mxE (unsplitK (inl 0)).
have C : X^T *m invmx (X *m X^T + delta%:M) = invmx (X^T *m X + delta%:M) *m X^T.
  apply: (canLR (mulmxK UX)); rewrite -mulmxA; apply: (canRL (mulKmx UP)).
  by rewrite mulmxDl mulmxDr -!mulmxA mul_scalar_mx mul_mx_scalar.
rewrite C -mulmxA Xe; apply: (canLR (mulKmx UP)).
have EK : X^T *m X + delta%:M = delta *: K + x *m x^T.
  by rewrite XX /K scalerDr scalerA divff // scale1r scalemx1 [RHS]addrC -addrA; congr (_ + _); rewrite addrC.
rewrite EK -scalemxAr mulmxDl -scalemxAl [K *m (N *m x)]mulmxA (mulmxV UK) mul1mx -[x *m x^T *m _]mulmxA.
by rewrite [x^T *m (N *m x)]mulmxA formE mul_mx_scalar -scalerDl scalerA mulVf // scale1r.
Qed.

(** no ridge: for independent rows the same with the projector N on what is orthogonal to the other rows. *)
Theorem no_ridge : forall (F : fieldType) (m p : nat) (x : 'cV[F]_p) (Y : 'M[F]_(m, p)),
  let X := col_mx x^T Y in
  let N := 1%:M - Y^T *m invmx (Y *m Y^T) *m Y in
  Y *m Y^T \in unitmx -> X *m X^T \in unitmx -> form N x x != 0 ->
  X^T *m invmx (X *m X^T) *m delta_mx (lshift m 0) 0 = (f.row_scale 0 (form N x x))^-1 *: (N *m x).
Proof.
rewrite /f.row_scale => F m p x Y /= UY UX s0; rewrite add0r; set X := col_mx x^T Y in UX *; set N := 1%:M - _ in s0 *.
have EN : N *m x = X^T *m col_mx 1%:M (- (invmx (Y *m Y^T) *m Y *m x)).
  by rewrite /X tr_col_mx mul_row_col trmxK mulmx1 mulmxN /N mulmxBl mul1mx !mulmxA.
have YN : Y *m N = 0 by rewrite mulmxBr mulmx1 !mulmxA (mulmxV UY) mul1mx subrr.
have Ee : delta_mx (lshift m 0) 0 = (form N x x)^-1 *: (X *m (N *m x)).
  rewrite /X mul_col_mx mulmxA formE [Y *m _]mulmxA YN mul0mx.
  apply/colP => i; rewrite !mxE -[i]splitK; case: (split i) => j.
    by rewrite (unsplitK (inl j)) !mxE !ord1 !eqxx /= mulVf.
  by rewrite (unsplitK (inr j)) !mxE eq_rlshift /= mulr0.
rewrite Ee EN -scalemxAr; congr (_ *: _); set c := col_mx _ _.
have -> : X^T *m invmx (X *m X^T) *m (X *m (X^T *m c)) = X^T *m (invmx (X *m X^T) *m (X *m X^T)) *m c by rewrite !mulmxA.
by rewrite (mulVmx UX) mulmx1.
Qed.
