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
#if W == 1
typedef double V;
typedef u64 Q;
#define ROOT(x) __builtin_sqrt(x)
static inline V asV(Q q) { V v; __builtin_memcpy(&v, &q, 8); return v; }
static inline Q asQ(V v) { Q q; __builtin_memcpy(&q, &v, 8); return q; }
#else
typedef double V __attribute__((vector_size(8 * W)));
typedef u64 Q __attribute__((vector_size(8 * W)));
#define asV(q) ((V)(q))
#define asQ(v) ((Q)(v))
#if defined(__wasm__)
#define ROOT(x) __builtin_wasm_sqrt_f64x2(x)
#else
static inline V ROOT(V x) { V r; for (int l = 0; l < W; l++) r[l] = __builtin_sqrt(x[l]); return r; }
#endif
#endif
/* What the least mantissa that is halved lacks to 2 (leastUpperMantissa in normal.ts). */
#define LACKS 2638147582215220ULL
#define EACH for (int u = 0; u < U; u++)
#define INLINE static inline __attribute__((always_inline))

typedef struct { Q a[U], b[U], c[U], d[U]; } Generator;

/* A pair of normals for all lanes (normal.ts says the formulas). */
INLINE void pair(Generator *g, V *first, V *second) {
  EACH {
    Q a = g->a[u], b = g->b[u], c = g->c[u], d = g->d[u];
    Q sum = a + d, bits = ((sum << 23) | (sum >> 41)) + a, t = b << 17;
    c ^= a; d ^= b; b ^= c; a ^= d; c ^= t; d = (d << 45) | (d >> 19);
    g->a[u] = a; g->b[u] = b; g->c[u] = c; g->d[u] = d;
    V v = asV(((bits >> 12) & 0x000ffffffffff000ULL) | 0x3ff0000000000800ULL) - 1.0;
    V r = asV(((bits & 0xffffffULL) << 28) | 0x3ff0000008000000ULL) - 1.5;
    /* u = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2). */
    Q carried = asQ(v) + LACKS;
    V k = asV((carried >> 52) | 0x4330000000000000ULL) - (4503599627370496.0 + 1023.0);
    V f = asV(asQ(v) + 0x3ff0000000000000ULL - (carried & 0xfff0000000000000ULL)) - 1.0;
    V s = f / (2.0 + f), z = s * s;
    V p = 1.479819860511658591e-1 * z + 1.531383769920937332e-1;
    p = p * z + 1.818357216161805012e-1; p = p * z + 2.222219843214978396e-1; p = p * z + 2.857142874366239149e-1;
    p = p * z + 3.999999999940941908e-1; p = p * z + 6.66666666666673513e-1;
    V log = k * 0.6931471805599453 + s * (2.0 + p * z);
    V radius = ROOT(-(log + log));
    V y = r * r;
    V q = 7.697826768224191e-7 * y + -2.1903497074626018e-5;
    q = q * y + 0.0004662998161898394; q = q * y + -0.007370430505916944; q = q * y + 0.0821458865731029;
    q = q * y + -0.5992645293189447; q = q * y + 2.5501640398773007; q = q * y + -5.167712780049969; q = q * y + 3.141592653589793;
    V sine = r * q;
    V w = 4.149564353942586e-6 * y + -0.00010456655338748738;
    w = w * y + 0.0019295562724817132; w = w * y + -0.025806888737002202; w = w * y + 0.23533063012953284;
    w = w * y + -1.335262768843447; w = w * y + 4.058712126416497; w = w * y + -4.934802200544676; w = w * y + 1.0;
    V twice = sine + sine;
    first[u] = radius * (twice * sine - 1.0);
    second[u] = radius * -(twice * w);
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
    V x[SLOW][U], y[FAST][U], b[SLOW][U], beta[FAST][U], z[2 * (SLOW + FAST)][U]; \
    Generator g; \
    for (int k = 0; k < SLOW; k++) __builtin_memcpy(x[k], X + k * lanes + lane, 8 * LANES); \
    for (int k = 0; k < FAST; k++) __builtin_memcpy(y[k], Y + k * lanes + lane, 8 * LANES); \
    __builtin_memcpy(g.a, words + lane, 8 * LANES); __builtin_memcpy(g.b, words + lanes + lane, 8 * LANES); \
    __builtin_memcpy(g.c, words + 2 * lanes + lane, 8 * LANES); __builtin_memcpy(g.d, words + 3 * lanes + lane, 8 * LANES); \
    for (i64 step = 0; step < steps; step += 2) { \
      for (int k = 0; k < SLOW + FAST; k++) pair(&g, z[2 * k], z[2 * k + 1]); \
      for (int half = 0; half < 2; half++) { \
        const V (*n)[U] = (const V (*)[U])(z + half * (SLOW + FAST)); \
        DRIFT((const V (*)[U])x, (const V (*)[U])y, b, beta); \
        for (int k = 0; k < SLOW; k++) EACH x[k][u] += b[k][u] * h + slowDeviation * n[k][u]; \
        for (int k = 0; k < FAST; k++) EACH y[k][u] += beta[k][u] * unit + fastDeviation * n[SLOW + k][u]; \
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
