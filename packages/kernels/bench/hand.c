/* The systems of shapes.ts written by hand: LANES paths side by side, time loop and normals inside. Compiled natively and, by clang, for WebAssembly.
   One function for all, as all have one form; `drift` is what differs. */
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;
#ifndef LANES
#define LANES 16
#endif
#if defined(SCALAR)
#define W 1
#elif defined(__AVX512F__)
#define W 8
#elif defined(__AVX2__)
#define W 4
#else
#define W 2
#endif
#define U (LANES / W)
#define INLINE static inline __attribute__((always_inline))
#if W == 1
typedef double V;
typedef u64 Q;
typedef float F;
typedef u32 N;
#define VECTORS 1
#define ODD(x, y) ((u32)((x) >> 32))
#define EVEN(x, y) ((u32)(x))
#define NEAREST(n) ((float)(int)(n))
#define WIDE(p) ((double)*(p))
#define ROOT(x) __builtin_sqrtf(x)
INLINE F asF(N n) { F f; __builtin_memcpy(&f, &n, 4); return f; }
INLINE N asN(F f) { N n; __builtin_memcpy(&n, &f, 4); return n; }
#else
/* V, Q: a lane in 64 bits; F, N, J: twice the lanes in 32 bits. */
typedef double V __attribute__((vector_size(8 * W)));
typedef u64 Q __attribute__((vector_size(8 * W)));
typedef float F __attribute__((vector_size(8 * W)));
typedef u32 N __attribute__((vector_size(8 * W)));
typedef int J __attribute__((vector_size(8 * W)));
typedef float H __attribute__((vector_size(4 * W)));
#define VECTORS (U / 2)
#if W == 8
#define PICK(x, y, from) __builtin_shufflevector((N)(x), (N)(y), from, from + 2, from + 4, from + 6, from + 8, from + 10, from + 12, from + 14, \
  from + 16, from + 18, from + 20, from + 22, from + 24, from + 26, from + 28, from + 30)
#elif W == 4
#define PICK(x, y, from) __builtin_shufflevector((N)(x), (N)(y), from, from + 2, from + 4, from + 6, from + 8, from + 10, from + 12, from + 14)
#else
#define PICK(x, y, from) __builtin_shufflevector((N)(x), (N)(y), from, from + 2, from + 4, from + 6)
#endif
#define EVEN(x, y) PICK(x, y, 0)
#define ODD(x, y) PICK(x, y, 1)
#define NEAREST(n) __builtin_convertvector((J)(n), F)
#define WIDE(p) __builtin_convertvector(*(const H *)(p), V)
#define asF(n) ((F)(n))
#define asN(f) ((N)(f))
#if defined(__wasm__)
#define ROOT(x) __builtin_wasm_sqrt_f32x4(x)
#elif defined(__clang__) && W == 8
#define ROOT(x) __builtin_ia32_sqrtps512(x, 4)
#elif W == 8
#define ROOT(x) __builtin_ia32_sqrtps512_mask(x, x, -1, 4)
#elif W == 4
#define ROOT(x) __builtin_ia32_sqrtps256(x)
#else
#define ROOT(x) __builtin_ia32_sqrtps(x)
#endif
#endif
#define EACH for (int u = 0; u < U; u++)

typedef struct { Q a[U], b[U], c[U], d[U]; } Generator;

/* The next draws of all lanes, two normals each (normal.ts says the formulas); statements go through all of them, so that none waits. */
INLINE void draw(Generator *g, const int draws, float (*z)[LANES]) {
  enum { MOST = 2 * VECTORS };
  F r[MOST], t[MOST], m[MOST], s[MOST], p[MOST], q[MOST], w[MOST];
  N high[MOST], low[MOST], above[MOST];
  const int all = draws * VECTORS;
#define ALL for (int k = 0; k < all; k++)
  for (int k = 0; k < draws; k++) {
    Q bits[U];
    EACH {
      Q a = g->a[u], b = g->b[u], c = g->c[u], d = g->d[u];
      Q sum = a + d, shifted = b << 17;
      bits[u] = ((sum << 23) | (sum >> 41)) + a;
      c ^= a; d ^= b; b ^= c; a ^= d; c ^= shifted; d = (d << 45) | (d >> 19);
      g->a[u] = a; g->b[u] = b; g->c[u] = c; g->d[u] = d;
    }
    for (int v = 0; v < VECTORS; v++) {
      high[k * VECTORS + v] = ODD(bits[2 * v], bits[2 * v + 1]);
      low[k * VECTORS + v] = EVEN(bits[2 * v], bits[2 * v + 1]);
    }
  }
  ALL above[k] = asN(NEAREST(high[k] & 0x7fffffff) + (asF((low[k] & 0x1ff) | 0x46800000) - 16383.9990234375f)) - (0x3f3504f3 + (31 << 23));
  ALL m[k] = asF((above[k] & 0x7fffff) + 0x3f3504f3);
  ALL s[k] = (m[k] - 1.0f) / (m[k] + 1.0f);
  ALL w[k] = s[k] * s[k];
  ALL p[k] = -0.8317222595214844f * w[k] + -1.3328403234481812f;
  ALL p[k] = (p[k] * w[k] + -4.000001907348633f) * s[k];
  ALL r[k] = ROOT(NEAREST(above[k] & 0xff800000) * -1.6525916635146132e-7f + p[k]);
  ALL t[k] = NEAREST((low[k] & 0xfffffe00) | 0x100) * 0x1p-32f;
  ALL w[k] = t[k] * t[k];
  ALL p[k] = 0.07643340528011322f * w[k] + -0.5976253151893616f;
  ALL q[k] = 0.21931584179401398f * w[k] + -1.3316779136657715f;
  ALL p[k] = p[k] * w[k] + 2.549957752227783f;
  ALL q[k] = q[k] * w[k] + 4.058378219604492f;
  ALL p[k] = p[k] * w[k] + -5.1677021980285645f;
  ALL q[k] = q[k] * w[k] + -4.934791088104248f;
  ALL p[k] = (p[k] * w[k] + 3.141592502593994f) * t[k];
  ALL q[k] = q[k] * w[k] + 0.9999999403953552f;
  for (int k = 0; k < draws; k++) for (int v = 0; v < VECTORS; v++) {
    const int at = k * VECTORS + v;
    ((F *)z[2 * k])[v] = asF(asN(r[at] * q[at]) ^ (high[at] & 0x80000000));
    ((F *)z[2 * k + 1])[v] = r[at] * p[at];
  }
}

/* Slow and fast drifts of the five systems; y[element][vector]. */
INLINE void drift11(const V (*x)[U], const V (*y)[U], V (*b)[U], V (*beta)[U]) {
  EACH {
    b[0][u] = (x[0][u] - x[0][u] * (x[0][u] * x[0][u])) + 0.5 * y[0][u];
    beta[0][u] = -y[0][u] + 0.5 * x[0][u];
  }
}

INLINE void drift14(const V (*x)[U], const V (*y)[U], V (*b)[U], V (*beta)[U]) {
  EACH {
    V sum = ((y[0][u] + y[1][u]) + y[2][u]) + y[3][u];
    b[0][u] = (x[0][u] - x[0][u] * (x[0][u] * x[0][u])) + 0.5 * (sum / 4.0);
    for (int i = 0; i < 4; i++) beta[i][u] = -y[i][u] + 0.5 * x[0][u];
  }
}

INLINE void drift140(const V (*x)[U], const V (*y)[U], V (*b)[U], V (*beta)[U]) {
  V mean[U], pull[U];
  EACH mean[u] = y[0][u];
  for (int i = 1; i < 40; i++) EACH mean[u] += y[i][u];
  EACH {
    mean[u] = mean[u] / 40.0;
    b[0][u] = (x[0][u] - x[0][u] * (x[0][u] * x[0][u])) + 0.5 * mean[u];
    pull[u] = 0.5 * (x[0][u] + mean[u]);
  }
  for (int i = 0; i < 40; i++) EACH beta[i][u] = pull[u] - y[i][u];
}

INLINE void drift260(const V (*x)[U], const V (*y)[U], V (*b)[U], V (*beta)[U]) {
  for (int k = 0; k < 2; k++) {
    V sum[U];
    EACH sum[u] = y[30 * k][u];
    for (int i = 1; i < 30; i++) EACH sum[u] += y[30 * k + i][u];
    EACH b[k][u] = (x[k][u] - x[k][u] * (x[k][u] * x[k][u])) + sum[u] / 30.0;
  }
  EACH beta[0][u] = (x[0][u] - y[0][u]) + 0.25 * (y[1][u] - y[59][u]);
  for (int i = 1; i < 30; i++) EACH beta[i][u] = (x[0][u] - y[i][u]) + 0.25 * (y[i + 1][u] - y[i - 1][u]);
  for (int i = 30; i < 59; i++) EACH beta[i][u] = (x[1][u] - y[i][u]) + 0.25 * (y[i + 1][u] - y[i - 1][u]);
  EACH beta[59][u] = (x[1][u] - y[59][u]) + 0.25 * (y[0][u] - y[58][u]);
}

INLINE void drift8256(const V (*x)[U], const V (*y)[U], V (*b)[U], V (*beta)[U]) {
  for (int k = 0; k < 8; k++) {
    V sum[U];
    EACH sum[u] = y[32 * k][u];
    for (int i = 1; i < 32; i++) EACH sum[u] += y[32 * k + i][u];
    EACH b[k][u] = ((-(x[(k + 7) & 7][u] * (x[(k + 6) & 7][u] - x[(k + 1) & 7][u])) - x[k][u]) + 10.0) + -0.8 * (sum[u] / 32.0);
    for (int i = 32 * k; i < 32 * k + 32; i++)
      EACH beta[i][u] = (-(y[(i + 1) & 255][u] * (y[(i + 2) & 255][u] - y[(i + 255) & 255][u])) - y[i][u]) + x[k][u];
  }
}

/* Two steps at a time use an even number of normals. */
#define SYSTEM(NAME, SLOW, FAST, DRIFT) \
void NAME(i64 lanes, i64 steps, double h, double epsilon, double s, double *X, double *Y, u64 *words) { \
  const double unit = h / epsilon, slowDeviation = s * __builtin_sqrt(h), fastDeviation = __builtin_sqrt(unit); \
  for (i64 lane = 0; lane < lanes; lane += LANES) { \
    V x[SLOW][U], y[FAST][U], b[SLOW][U], beta[FAST][U]; \
    float z[2 * (SLOW + FAST)][LANES] __attribute__((aligned(64))); \
    Generator g; \
    for (int k = 0; k < SLOW; k++) __builtin_memcpy(x[k], X + k * lanes + lane, 8 * LANES); \
    for (int k = 0; k < FAST; k++) __builtin_memcpy(y[k], Y + k * lanes + lane, 8 * LANES); \
    __builtin_memcpy(g.a, words + lane, 8 * LANES); __builtin_memcpy(g.b, words + lanes + lane, 8 * LANES); \
    __builtin_memcpy(g.c, words + 2 * lanes + lane, 8 * LANES); __builtin_memcpy(g.d, words + 3 * lanes + lane, 8 * LANES); \
    for (i64 step = 0; step < steps; step += 2) { \
      for (int k = 0; k + 1 < SLOW + FAST; k += 2) draw(&g, 2, z + 2 * k); \
      if ((SLOW + FAST) % 2) draw(&g, 1, z + 2 * (SLOW + FAST - 1)); \
      for (int half = 0; half < 2; half++) { \
        const float (*n)[LANES] = (const float (*)[LANES])(z + half * (SLOW + FAST)); \
        DRIFT((const V (*)[U])x, (const V (*)[U])y, b, beta); \
        for (int k = 0; k < SLOW; k++) EACH x[k][u] += b[k][u] * h + slowDeviation * WIDE(n[k] + u * W); \
        for (int k = 0; k < FAST; k++) EACH y[k][u] += beta[k][u] * unit + fastDeviation * WIDE(n[SLOW + k] + u * W); \
      } \
    } \
    for (int k = 0; k < SLOW; k++) __builtin_memcpy(X + k * lanes + lane, x[k], 8 * LANES); \
    for (int k = 0; k < FAST; k++) __builtin_memcpy(Y + k * lanes + lane, y[k], 8 * LANES); \
  } \
}

SYSTEM(system0, 1, 1, drift11)
SYSTEM(system1, 1, 4, drift14)
SYSTEM(system2, 1, 40, drift140)
SYSTEM(system3, 2, 60, drift260)
SYSTEM(system4, 8, 256, drift8256)
