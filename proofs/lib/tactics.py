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
}
