From KD Require Import Pool.
Import Order.TTheory Num.Theory.
Local Open Scope ring_scope.

(** weights: with couplings J >= 0 whose rows sum to less than 1 and c >= 0, u = c + J u is not negative: x'Dx >= 0. *)
Theorem weights : forall (F : realFieldType) (N : nat) (J : 'I_N -> 'I_N -> F) (c u : 'I_N -> F),
  (forall i j, 0 <= J i j) -> (forall i, \sum_j J i j < 1) -> (forall i, 0 <= c i) ->
  (forall i, u i = c i + \sum_j J i j * u j) -> forall i, 0 <= u i.
Proof.
move=> F N J c u J0 J1 c0 Eu i0.
case: (arg_minP u (erefl true : xpredT i0)) => m _ least.
suff um : 0 <= u m by exact: le_trans um (least i0 isT).
rewrite leNgt; apply/negP => neg.
have : (\sum_j J m j) * u m <= u m.
  rewrite [X in _ <= X]Eu; apply: le_trans (ler_paddl (c0 m) (lexx _)).
  by rewrite mulr_suml; apply: ler_sum => j _; apply: ler_wpmul2l; [exact: J0 | exact: least].
rewrite -subr_ge0 -{1}[u m]mul1r -mulrBl => H.
have : (1 - \sum_j J m j) * u m < 0 by rewrite pmulr_rlt0 // subr_gt0.
by rewrite ltNge H.
Qed.

(* The error as a function of the labels y: L y is the mean estimate, w the weights of the rows, A the form. *)
Definition error (F : realFieldType) (d N : nat) (A : 'M[F]_d) (L : 'M[F]_(d, N)) (X : 'I_N -> 'cV[F]_d) (w : 'I_N -> F)
    (c : 'cV[F]_d) (rest : F) (y : 'cV[F]_N) : F :=
  form A (L *m y) (L *m y) + (\sum_j w j * (y j 0 - ((X j)^T *m (L *m y)) 0 0) ^+ 2) - 2%:R * (c^T *m (L *m y)) 0 0 + rest.

Lemma mixed (F : comRingType) (w t y z a b : F) : w * (t * y + (1 - t) * z - (t * a + (1 - t) * b)) ^+ 2
  = t * (w * (y - a) ^+ 2) + (1 - t) * (w * (z - b) ^+ 2) - t * (1 - t) * (w * (y - z - (a - b)) ^+ 2).
Proof. by ring. Qed.

(** convex: with A >= 0 and weights that are not negative. *)
Theorem convex : forall (F : realFieldType) (d N : nat) (A : 'M[F]_d) L (X : 'I_N -> 'cV[F]_d) w c rest (y z : 'cV[F]_N) (t : F),
  A^T = A -> (forall v, 0 <= form A v v) -> (forall j, 0 <= w j) -> 0 <= t <= 1 ->
  error F d N A L X w c rest (t *: y + (1 - t) *: z) <= t * error F d N A L X w c rest y + (1 - t) * error F d N A L X w c rest z.
Proof.
move=> F d N A L X w c rest y z t SA PA Pw /andP[t0 t1].
have sum_nonneg : 0 <= t * (1 - t) * (form A (L *m (y - z)) (L *m (y - z))
    + \sum_j w j * ((y - z) j 0 - ((X j)^T *m (L *m (y - z))) 0 0) ^+ 2).
  apply: mulr_ge0; first by apply: mulr_ge0 => //; rewrite subr_ge0.
  by apply: addr_ge0 => //; apply: sumr_ge0 => j _; apply: mulr_ge0 => //; exact: sqr_ge0.
rewrite -subr_ge0; apply: le_trans sum_nonneg _; rewrite le_eqVlt; apply/orP; left; apply/eqP.
rewrite /error; set a := L *m y; set b := L *m z.
have -> : L *m (y - z) = a - b by rewrite mulmxBr.
have -> : L *m (t *: y + (1 - t) *: z) = t *: a + (1 - t) *: b by rewrite mulmxDr -!scalemxAr.
have FA (p q : F) : form A (p *: a + q *: b) (p *: a + q *: b) = p ^+ 2 * form A a a + 2%:R * p * q * form A a b + q ^+ 2 * form A b b.
  have FS u v : form A u v = form A v u by rewrite -form_tr SA.
  by rewrite form_combined ![form A _ (p *: a + q *: b)]FS !form_combined [form A b a]FS; ring.
have FB : form A (a - b) (a - b) = form A a a - 2%:R * form A a b + form A b b.
  by have := FA 1 (-1); rewrite scale1r scaleN1r => ->; ring.
have lin (v : 'cV[F]_d) (p q : F) : (v^T *m (p *: a + q *: b)) 0 0 = p * (v^T *m a) 0 0 + q * (v^T *m b) 0 0.
  by rewrite mulmxDr -!scalemxAr mxE [(p *: (_ : 'M_1)) 0 0]mxE [(q *: (_ : 'M_1)) 0 0]mxE.
have EAB : a - b = 1 *: a + (-1) *: b by rewrite scale1r scaleN1r.
rewrite FA FB.
have -> : \sum_j w j * ((t *: y + (1 - t) *: z) j 0 - ((X j)^T *m (t *: a + (1 - t) *: b)) 0 0) ^+ 2
  = t * (\sum_j w j * (y j 0 - ((X j)^T *m a) 0 0) ^+ 2) + (1 - t) * (\sum_j w j * (z j 0 - ((X j)^T *m b) 0 0) ^+ 2)
    - t * (1 - t) * (\sum_j w j * ((y - z) j 0 - ((X j)^T *m (a - b)) 0 0) ^+ 2).
  rewrite !mulr_sumr -big_split -sumrB; apply: eq_bigr => j _ /=.
  rewrite EAB !lin; move: (((X j)^T *m a) 0 0) (((X j)^T *m b) 0 0) => al be.
  by rewrite !mxE mul1r mulN1r mixed.
rewrite lin.
move: (form A a a) (form A a b) (form A b b) ((c^T *m a) 0 0) ((c^T *m b) 0 0) => aa ab bb ca cb.
move: (\sum_j _) (\sum_j _) (\sum_j _) => s1 s2 s3.
by ring.
Qed.

(** least: labels y that solve the linear system of the error's stationarity (in the direction of every other h) have the
    least error of all labels z, linear ones among them. *)
Theorem least : forall (F : realFieldType) (d N : nat) (A : 'M[F]_d) L (X : 'I_N -> 'cV[F]_d) w c rest (y z : 'cV[F]_N),
  A^T = A -> (forall v, 0 <= form A v v) -> (forall j, 0 <= w j) ->
  (forall h : 'cV[F]_N, form A (L *m y) (L *m h)
    + \sum_j w j * (y j 0 - ((X j)^T *m (L *m y)) 0 0) * (h j 0 - ((X j)^T *m (L *m h)) 0 0) = (c^T *m (L *m h)) 0 0) ->
  error F d N A L X w c rest y <= error F d N A L X w c rest z.
Proof.
move=> F d N A L X w c rest y z SA PA Pw NE.
have [h ->] : exists h : 'cV[F]_N, z = y + h by exists (z - y); rewrite addrC subrK.
have S0 : 0 <= form A (L *m h) (L *m h) + \sum_j w j * (h j 0 - ((X j)^T *m (L *m h)) 0 0) ^+ 2.
  by apply: addr_ge0 => //; apply: sumr_ge0 => j _; apply: mulr_ge0 => //; exact: sqr_ge0.
rewrite -subr_ge0; apply: le_trans S0 _; rewrite le_eqVlt; apply/orP; left; apply/eqP.
rewrite /error mulmxDr; have := NE h; set a := L *m y; set b := L *m h => EN.
have FS u v : form A u v = form A v u by rewrite -form_tr SA.
have FA : form A (a + b) (a + b) = form A a a + 2%:R * form A a b + form A b b.
  have E : a + b = 1 *: a + 1 *: b by rewrite !scale1r.
  by rewrite E form_combined ![form A _ (1 *: a + 1 *: b)]FS !form_combined [form A b a]FS; ring.
have lin (v : 'cV[F]_d) : (v^T *m (a + b)) 0 0 = (v^T *m a) 0 0 + (v^T *m b) 0 0 by rewrite mulmxDr mxE.
have -> : \sum_j w j * ((y + h) j 0 - ((X j)^T *m (a + b)) 0 0) ^+ 2
  = \sum_j w j * (y j 0 - ((X j)^T *m a) 0 0) ^+ 2
    + 2%:R * (\sum_j w j * (y j 0 - ((X j)^T *m a) 0 0) * (h j 0 - ((X j)^T *m b) 0 0))
    + \sum_j w j * (h j 0 - ((X j)^T *m b) 0 0) ^+ 2.
  rewrite mulr_sumr -!big_split; apply: eq_bigr => j _ /=; rewrite lin [(y + h) j 0]mxE.
  by move: (w j) (y j 0) (h j 0) (((X j)^T *m a) 0 0) (((X j)^T *m b) 0 0) => wj yj hj al be; ring.
rewrite FA lin -EN.
move: (form A a a) (form A a b) (form A b b) ((c^T *m a) 0 0) => aa ab bb ca.
move: (\sum_j _) (\sum_j _) (\sum_j _) => s1 s2 s3.
by ring.
Qed.
