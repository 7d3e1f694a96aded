"""Tactics for the foralls whose proof the search does not find: claim and part -> tactics.

Each is tried on every forall of that part.  ``Auto.v`` of `kdverify.evidence.kernel` holds the
lemmas; the names in ``intros`` are those of the proof.
"""

SCRIPTS = {
    # p times the difference is (p + 1) (p s - n^2) + (p x - n)^2
    ("1.omega-bounds", "left"): [
        """
  intros p n s x Hp Hn Hx H;
  assert (C : n * n <= p * s) by (replace (p * s) with (p * (s / n) * n) by (field; lra); nra);
  replace ((p + 1) * ((s + x * x) / (n + x))) with ((p + 1) * (s + x * x) / (n + x))
    by (field; lra);
  apply le_div_r; [lra |];
  apply Rmult_le_reg_l with p; [exact Hp |];
  pose proof (Rle_0_sqr (p * x - n)) as S; unfold Rsqr in S;
  assert (0 <= (p + 1) * (p * s - n * n)) by (apply Rmult_le_pos; lra);
  lra"""
    ],
    # W times the difference is (W + w) (W Q - M^2) + w (W z - M)^2
    ("1.curvature", "moments"): [
        """
  intros W w Q M z HW Hw H;
  apply Rmult_le_reg_l with W; [exact HW |];
  assert (0 <= w * ((W * z - M) * (W * z - M)))
    by (apply Rmult_le_pos; [exact Hw | exact (Rle_0_sqr _)]);
  assert (0 <= (W + w) * (W * Q - M * M)) by (apply Rmult_le_pos; lra);
  lra"""
    ],
    ("1.curvature", "bound"): [
        # n < p.  Up to a = 1/2: k (1 - k) <= a (1 - a), then a square in m; beyond, m <= 2 a
        """
  intros m k a A0 A1 Am M1 Ak K1;
  destruct (Rle_lt_dec a (1 / 2)) as [A | A];
  [ assert (k * (1 - k) <= a * (1 - a)) by nra;
    pose proof (Rle_0_sqr (m - a - 1 / 2)) as S; unfold Rsqr in S; lra
  | pose proof (Rle_0_sqr (k - 1 / 2)) as S; unfold Rsqr in S;
    assert (0 <= (1 - m) * (2 * a - m)) by (apply Rmult_le_pos; lra); lra ]""",
        # n >= p: a square in k
        """
  intros k r K0 K1 R0 R1;
  pose proof (Rle_0_sqr (2 * k - 1)) as S; unfold Rsqr in S; lra""",
    ],
    # with q = s/b: r_s b / r_t = q b, and r_s^2 = (r_t q)^2 where q > 0
    ("6.label-law", "inverse"): [
        """
  intros rs rt b s Hs Ht Hb H; set (q := s / b);
  assert (E : s = q * b) by (unfold q; field; exact Hb);
  assert (B : 0 < b * b) by (exact (Rsqr_pos_lt _ Hb));
  assert (Q : 0 < q) by (rewrite E in H; nra);
  assert (F : rs * b / rt = rs / rt * b) by (field; lra); rewrite F, E; clearbody q;
  split; intros K;
  [ apply Rmult_eq_reg_r in K; [| exact Hb]; rewrite <- K; field; lra
  | assert (Z : (rs - rt * q) * (rs + rt * q) = 0) by lra; apply Rmult_integral in Z;
    assert (0 < rt * q) by nra; replace rs with (rt * q) by lra; field; lra ]"""
    ],
    # Cauchy-Schwarz: 2 S2 x is at most S1 x^2 + S3
    ("10.surrogate-ridge", "not negative"): [
        """
  intros S1 S2 S3 x H1 H2 H3 Hx H;
  assert (K : 2 * S2 * x <= S1 * x * x + S3)
    by (apply Rsqr_incr_0_var;
        [ unfold Rsqr; pose proof (Rle_0_sqr (S1 * x * x - S3)) as Q; unfold Rsqr in Q;
          assert (4 * (S2 * S2) * (x * x) <= 4 * (S1 * S3) * (x * x))
            by (apply Rmult_le_compat_r; nra); lra
        | assert (0 <= S1 * x * x) by (apply Rmult_le_pos; [apply Rmult_le_pos |]; lra); lra ]);
  assert (2 * S2 * x * x <= (S1 * x * x + S3) * x) by (apply Rmult_le_compat_r; lra);
  lra"""
    ],
    # the left side less 1 is w ((phi - 1) (1 - w) - 1)
    ("11.collapse", "finite iff"): [
        """
  intros w p W0 W1 P;
  assert (E : (1 - w) * (1 - w) + p * w * (1 - w) - 1 = w * ((p - 1) * (1 - w) - 1)) by ring;
  split;
  [ intros H; right; assert (w * ((p - 1) * (1 - w) - 1) < 0) by lra; nra
  | intros [H | H]; [ assert ((p - 1) * (1 - w) < 1) by nra; nra | nra ] ]"""
    ],
    # with q = c/(c + d): q d >= 2 c would say c d >= 2 c (c + d)
    ("14.misfit", "angle"): [
        """
  intros c d D H; destruct H as [H | [H1 [H2 H3]]]; [ lra |];
  destruct (Rle_lt_dec c 0) as [C | C]; [ exact C | exfalso ];
  set (q := 1 * c / (c + d)) in *;
  assert (Q : q * (c + d) = c) by (unfold q; field; lra);
  assert (0 <= q * (q * d - 2 * c)) by lra; assert (0 <= q * d - 2 * c) by nra; nra"""
    ],
    # B times the difference is A B - C^2 + (C - B z)^2
    ("12.teacher-limit", "square"): [
        """
  intros a b c z Hb H;
  pose proof (Rle_0_sqr (c - b * z)) as S; unfold Rsqr in S; lra"""
    ],
    # a square in the mean
    ("12.certificate", "curvature"): [
        """
  intros m s d H1 H2 H3 H4;
  pose proof (Rle_0_sqr (m - 1 / 2)) as S; unfold Rsqr in S; lra"""
    ],
    ("12.one-equation", "one root"): [
        """
  intros a b x y Ha Hb Hx Hy; apply Rle_lt_trans with (b * x);
  [apply Rmult_le_compat_r; lra | apply Rmult_lt_compat_l; lra]"""
    ],
}
