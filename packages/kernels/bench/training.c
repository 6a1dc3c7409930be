/* The training step of training/fixtures/couplingFlow.ts written by hand for its reference size: 6 affine couplings of 2 x 64 tanh, 4 dimensions,
   512 samples, 256 nodes, a quadratic likelihood, Adam. Samples are worked through in blocks of LANES that stay in the nearest cache: forward for all
   blocks, then the likelihood, then backward for each block. LANES numbers of all rows lie side by side. Weights of a coupling, in order:
   W1 [64 x 2], b1, W2 [64 x 64], b2, W3 [4 x 64], b3. */
typedef long long i64;
#if defined(__AVX512F__)
#define W 16
#elif defined(__AVX2__)
#define W 8
#else
#define W 4
#endif
#define LAYERS 6
#define HIDDEN 64
#define SAMPLES 512
#define NODES 256
#define LANES 128
#define BLOCKS (SAMPLES / LANES)
#define U (LANES / W)
#define PER_LAYER (HIDDEN * 2 + HIDDEN + HIDDEN * HIDDEN + HIDDEN + 4 * HIDDEN + 4)
#define WEIGHTS (LAYERS * PER_LAYER)
#define INLINE static inline __attribute__((always_inline))
typedef float V __attribute__((vector_size(4 * W)));
typedef int I __attribute__((vector_size(4 * W)));
typedef float VU __attribute__((vector_size(4 * W), aligned(4), may_alias));
#define S(f, x) ((V){0} + (x))
INLINE V pick(I m, V a, V b) { return (V)((m & (I)a) | (~m & (I)b)); }

INLINE V vtanh(V x) {
  x = pick(x > 9.02f, S(f, 9.02f), x);
  x = pick(x < -9.02f, S(f, -9.02f), x);
  V z = x * x;
  V p = z * 1.3319006505991829e-8f + 2.0583430765146897e-5f;
  p = p * z + 0.003494031349760676f; p = p * z + 0.1337971519056227f; p = p * z + 0.9999999790092674f;
  V q = z * 7.761991692082186e-7f + 0.00032830876890628f;
  q = q * z + 0.025871060842054653f; q = q * z + 0.4671303042826776f; q = q * z + 1.0f;
  return x * p / q;
}

/* e^x for |x| <= 1, which is all that the scale of a coupling takes. */
INLINE V vexp(V x) {
  V n = x * 1.44269504f + 12582912.0f;
  I bits = (I)n << 23;
  n = n - 12582912.0f;
  V r = x - n * 0.693115234375f - n * 3.194618329871446e-5f;
  V p = r * 0.0013926926614021907f + 0.008363773874405574f;
  p = p * r + 0.04166655011030512f; p = p * r + 0.16666573381900845f; p = p * r + 0.5f;
  p = p * (r * r) + r + 1.0f;
  return (V)((I)p + bits);
}

/* y[rows] = b + w x, or without b; w[i * wRow + k * wInner]; then tanh if asked. Blocks of 8 x 2 sums stay in registers. */
INLINE void dense(int rows, int inner, const float *w, int wRow, int wInner, const float *b, const V *x, V *y, int act) {
  enum { R = 4 * (W == 16) + 4 };
  for (int i = 0; i < rows; i += R < rows ? R : rows) for (int u = 0; u < U; u += 2) {
    const int count = R < rows ? R : rows;
    V s[R][2];
#pragma GCC unroll 8
    for (int r = 0; r < count; r++) s[r][0] = s[r][1] = S(f, b ? b[i + r] : 0.0f);
    for (int k = 0; k < inner; k++) {
      const V x0 = x[k * U + u], x1 = x[k * U + u + 1];
#pragma GCC unroll 8
      for (int r = 0; r < count; r++) { V v = S(f, w[(i + r) * wRow + k * wInner]); s[r][0] += v * x0; s[r][1] += v * x1; }
    }
#pragma GCC unroll 8
    for (int r = 0; r < count; r++) for (int v = 0; v < 2; v++) y[(i + r) * U + u + v] = act ? vtanh(s[r][v]) : s[r][v];
  }
}

#if W == 16
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODD 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#elif W == 8
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14
#define ODD 1, 3, 5, 7, 9, 11, 13, 15
#else
#define EVEN 0, 2, 4, 6
#define ODD 1, 3, 5, 7
#endif
INLINE float sum(V x) { float r = 0; for (int l = 0; l < W; l++) r += x[l]; return r; }

/* d[i][k] += sum over samples of a[i] b[k]: 4 x 4 sums in registers, each added up at the end. */
INLINE void outer(int rows, int inner, const V *a, const V *b, float *d) {
  enum { C = 4 };
  for (int i = 0; i < rows; i += 4) for (int k = 0; k < inner; k += inner < C ? inner : C) {
    const int count = inner < C ? inner : C;
    V s[16];
    for (int q = 0; q < 16; q++) s[q] = S(f, 0.0f);
    for (int u = 0; u < U; u++)
#pragma GCC unroll 4
      for (int r = 0; r < 4; r++)
#pragma GCC unroll 4
        for (int c = 0; c < count; c++) s[r * 4 + c] += a[(i + r) * U + u] * b[(k + c) * U + u];
    float t[16];
    for (int q = 0; q < 16; q += W) {
      V *x = s + q;
      for (int n = W; n > 1; n /= 2)
        for (int j = 0; j < n / 2; j++) x[j] = __builtin_shufflevector(x[2 * j], x[2 * j + 1], EVEN) + __builtin_shufflevector(x[2 * j], x[2 * j + 1], ODD);
      *(VU *)(t + q) = x[0];
    }
    for (int r = 0; r < 4; r++) for (int c = 0; c < count; c++) d[(i + r) * inner + k + c] += t[r * 4 + c];
  }
}

INLINE void sumRows(int rows, const V *a, float *d) {
  for (int i = 0; i < rows; i++) { V s = a[i * U]; for (int u = 1; u < U; u++) s += a[i * U + u]; d[i] += sum(s); }
}

typedef struct { V in[4 * U], h1[HIDDEN * U], h2[HIDDEN * U], t[2 * U], s[2 * U]; } Kept;
static Kept kept[BLOCKS][LAYERS];
static V last[BLOCKS][4 * U], bottom[BLOCKS][U];
static float gradient[WEIGHTS];

#define W1 0
#define B1 (W1 + HIDDEN * 2)
#define W2 (B1 + HIDDEN)
#define B2 (W2 + HIDDEN * HIDDEN)
#define W3 (B2 + HIDDEN)
#define B3 (W3 + 4 * HIDDEN)

__attribute__((noinline)) static void forward(const float *w, const float *z, int block) {
  V y[4 * U];
  for (int i = 0; i < 4; i++) for (int u = 0; u < U; u++) y[i * U + u] = *(const VU *)(z + i * SAMPLES + block * LANES + u * W);
  for (int k = 0; k < LAYERS; k++, w += PER_LAYER) {
    Kept *n = &kept[block][k];
    const int given = k % 2 ? 2 : 0, moved = 2 - given;
    V out[4 * U];
    __builtin_memcpy(n->in, y, sizeof y);
    dense(HIDDEN, 2, w + W1, 2, 1, w + B1, y + given * U, n->h1, 1);
    dense(HIDDEN, HIDDEN, w + W2, HIDDEN, 1, w + B2, n->h1, n->h2, 1);
    dense(4, HIDDEN, w + W3, HIDDEN, 1, w + B3, n->h2, out, 0);
    for (int u = 0; u < 2 * U; u++) {
      n->t[u] = vtanh(out[u]);
      n->s[u] = vexp(n->t[u]);
      y[moved * U + u] = y[moved * U + u] * n->s[u] + out[2 * U + u];
    }
  }
  __builtin_memcpy(last[block], y, sizeof y);
  for (int u = 0; u < U; u++) {
    V a = y[u], b = y[U + u], c = y[2 * U + u], d = y[3 * U + u] * y[3 * U + u];
    bottom[block][u] = 1.0f + a * a + b * b + c * c + d * d;
  }
}

__attribute__((noinline)) static void backward(const float *w, const V *dBottom, int block) {
  V dy[4 * U];
  const V *y = last[block];
  for (int u = 0; u < U; u++) {
    for (int i = 0; i < 3; i++) dy[i * U + u] = 2.0f * y[i * U + u] * dBottom[u];
    V d = y[3 * U + u];
    dy[3 * U + u] = 4.0f * d * d * d * dBottom[u];
  }
  for (int k = LAYERS - 1; k >= 0; k--) {
    const float *own = w + k * PER_LAYER;
    float *g = gradient + k * PER_LAYER;
    const Kept *n = &kept[block][k];
    const int given = k % 2 ? 2 : 0, moved = 2 - given;
    V out[4 * U], d1[HIDDEN * U], d2[HIDDEN * U], dx[2 * U];
    for (int u = 0; u < 2 * U; u++) {
      V d = dy[moved * U + u], t = n->t[u];
      out[2 * U + u] = d;
      out[u] = d * n->in[moved * U + u] * n->s[u] * (1.0f - t * t);
      dy[moved * U + u] = d * n->s[u];
    }
    outer(4, HIDDEN, out, n->h2, g + W3);
    sumRows(4, out, g + B3);
    dense(HIDDEN, 4, own + W3, 1, HIDDEN, 0, out, d2, 0);
    for (int u = 0; u < HIDDEN * U; u++) d2[u] *= 1.0f - n->h2[u] * n->h2[u];
    outer(HIDDEN, HIDDEN, d2, n->h1, g + W2);
    sumRows(HIDDEN, d2, g + B2);
    dense(HIDDEN, HIDDEN, own + W2, 1, HIDDEN, 0, d2, d1, 0);
    for (int u = 0; u < HIDDEN * U; u++) d1[u] *= 1.0f - n->h1[u] * n->h1[u];
    outer(HIDDEN, 2, d1, n->in + given * U, g + W1);
    sumRows(HIDDEN, d1, g + B1);
    dense(2, HIDDEN, own + W1, 1, 2, 0, d1, dx, 0);
    for (int u = 0; u < 2 * U; u++) dy[given * U + u] += dx[u];
  }
}

/* One step; the weights, m and v are changed in place. Gives the loss. */
float training_step(float *weights, float *m, float *v, const float *z, const float *x, const float *gram, const float *linear, float rate) {
  static float top[NODES], mean[2][NODES], dMean[2][NODES];
  for (int i = 0; i < WEIGHTS; i++) gradient[i] = 0;
  for (int block = 0; block < BLOCKS; block++) forward(weights, z, block);
  /* The numerator does not depend on the sample: averages and their derivatives need 1/bottom alone, but a drift in general would not be a product,
     so each node's drift is computed for each sample. */
  for (int i = 0; i < NODES; i++) {
    top[i] = 2 * x[i] - x[i] * x[i] * x[i];
    for (int half = 0; half < 2; half++) {
      V s = S(f, 0.0f);
      for (int block = half * BLOCKS / 2; block < (half + 1) * BLOCKS / 2; block++)
        for (int u = 0; u < U; u++) s += top[i] / bottom[block][u];
      mean[half][i] = sum(s) * (2.0f / SAMPLES);
    }
  }
  float loss = 0;
  for (int i = 0; i < NODES; i++) dMean[1][i] = -linear[i];
  for (int i = 0; i < NODES; i++) {
    V s = S(f, 0.0f);
    const V first = S(f, mean[0][i]);
    for (int j = 0; j < NODES; j += W) {
      V row = *(const VU *)(gram + i * NODES + j);
      s += row * *(const VU *)(mean[1] + j);
      *(VU *)(dMean[1] + j) += first * row;
    }
    float product = sum(s);
    dMean[0][i] = product - linear[i];
    loss += mean[0][i] * product - linear[i] * (mean[0][i] + mean[1][i]);
  }
  for (int half = 0; half < 2; half++) for (int i = 0; i < NODES; i++) dMean[half][i] *= 0.5f * 2.0f / SAMPLES;
  for (int block = 0; block < BLOCKS; block++) {
    V dBottom[U];
    const float *d = dMean[block / (BLOCKS / 2)];
    for (int u = 0; u < U; u++) {
      V s = S(f, 0.0f), q = bottom[block][u];
      for (int i = 0; i < NODES; i++) s -= d[i] / q * (top[i] / q);
      dBottom[u] = s;
    }
    backward(weights, dBottom, block);
  }
  for (int i = 0; i < WEIGHTS; i++) {
    float g = gradient[i];
    m[i] = 0.9f * m[i] + 0.1f * g;
    v[i] = 0.999f * v[i] + 0.001f * (g * g);
    weights[i] -= rate * m[i] / (__builtin_sqrtf(v[i]) + 1e-8f);
  }
  return 0.5f * loss;
}

float training_gradient(i64 k) { return gradient[k]; }
