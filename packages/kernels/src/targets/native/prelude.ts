/**
 * The C that every native kernel begins with: vectors of lanes, and the primitives that C has no operator for.
 *
 * Only the vector extensions that GCC and Clang share are used, and no header, so that a kernel compiles in a fraction of a second.
 */

/** Lanes side by side: as many as the widest registers hold, or one for programs that run few. */
export type Lanes = 'vector' | 'single';

/** The beginning of a kernel's source. */
export const prelude = (): string => [TYPES, SCALAR, VECTOR, NORMALS].join('\n');

const TYPES = `
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#error "double arithmetic is not IEEE-754 binary64 here"
#endif
#if defined(__FAST_MATH__)
#error "fast-math changes the bits"
#endif
#if defined(__GNUC__) && !defined(__clang__)
/* Statements are put in order before registers are given out: a twentieth faster. */
#pragma GCC optimize("schedule-insns", "sched-pressure")
#endif
#if defined(__AVX512F__) && defined(__AVX512DQ__)
#define W 8
#define B(x) ((V){x, x, x, x, x, x, x, x})
#define TWICE(x) {x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}
#elif defined(__AVX2__)
#define W 4
#define B(x) ((V){x, x, x, x})
#define TWICE(x) {x, x, x, x, x, x, x, x}
#else
#define W 2
#define B(x) ((V){x, x})
#define TWICE(x) {x, x, x, x}
#endif
typedef double V __attribute__((vector_size(8 * W)));
typedef long long I __attribute__((vector_size(8 * W)));
typedef unsigned long long Q __attribute__((vector_size(8 * W)));
typedef double VU __attribute__((vector_size(8 * W), aligned(8), may_alias));
/* Normals: twice the lanes in a vector of the same size. */
typedef float F __attribute__((vector_size(8 * W)));
typedef int J __attribute__((vector_size(8 * W)));
typedef unsigned int N __attribute__((vector_size(8 * W)));
typedef float FU __attribute__((vector_size(8 * W), aligned(4), may_alias));
typedef float HU __attribute__((vector_size(4 * W), aligned(4), may_alias));
#define FB(x) ((F)TWICE(x))
#define NB(x) ((N)TWICE(x))
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;
#define IN static inline __attribute__((always_inline))
`;

const SCALAR = `
IN double asDouble(u64 x) { double r; __builtin_memcpy(&r, &x, 8); return r; }
IN u64 bitsOf(double x) { u64 r; __builtin_memcpy(&r, &x, 8); return r; }
IN double exponentOf(double x) { return (double)(i64)((bitsOf(x) >> 52) & 2047) - 1023.0; }
IN double mantissaOf(double x) { return asDouble((bitsOf(x) & 0x800fffffffffffffULL) | 0x3ff0000000000000ULL); }
/* Adding 1.5*2^52 leaves the whole number in the lowest bits. */
IN double powerOfTwo(double n) { return asDouble(bitsOf(n + (6755399441055744.0 + 1023.0)) << 52); }
IN double lookup(const double *table, double last, double x) { return table[(i64)(x >= 0 ? (x <= last ? x : last) : 0)]; }
`;

const VECTOR = `
IN V vAbsolute(V x) { return (V)((Q)x & 0x7fffffffffffffffULL); }
#if W == 8 && defined(__clang__)
#define vRoot(x) __builtin_ia32_sqrtpd512(x, 4)
#define vFloor(x) ((V)__builtin_ia32_rndscalepd_mask(x, 9, x, -1, 4))
#elif W == 8
#define vRoot(x) __builtin_ia32_sqrtpd512_mask(x, x, -1, 4)
#define vFloor(x) __builtin_ia32_rndscalepd_mask(x, 9, x, -1, 4)
#elif W == 4
#define vRoot(x) __builtin_ia32_sqrtpd256(x)
#define vFloor(x) __builtin_ia32_roundpd256(x, 9)
#elif defined(__SSE4_1__)
#define vRoot(x) __builtin_ia32_sqrtpd(x)
#define vFloor(x) __builtin_ia32_roundpd(x, 9)
#else
IN V vRoot(V x) { V r; for (int l = 0; l < W; l++) r[l] = __builtin_sqrt(x[l]); return r; }
IN V vFloor(V x) { V r; for (int l = 0; l < W; l++) r[l] = __builtin_floor(x[l]); return r; }
#endif
IN V vSelect(I m, V a, V b) { return (V)((m & (I)a) | (~m & (I)b)); }
IN I vSelectMask(I m, I a, I b) { return (m & a) | (~m & b); }
/* A whole number below 2^52 under the exponent of 2^52 is that number plus 2^52. */
IN V vExponent(V x) { return (V)((((Q)x >> 52) & 2047) | 0x4330000000000000ULL) - (4503599627370496.0 + 1023.0); }
IN V vMantissa(V x) { return (V)(((Q)x & 0x800fffffffffffffULL) | 0x3ff0000000000000ULL); }
IN V vPowerOfTwo(V n) { return (V)((Q)(n + (6755399441055744.0 + 1023.0)) << 52); }
IN V vLookup(const double *table, double last, V x) {
  x = vSelect(x >= 0.0, vSelect(x <= last, x, B(last)), B(0.0));
  V r;
  for (int l = 0; l < W; l++) r[l] = table[(i64)x[l]];
  return r;
}
IN V vLoad(const double *p, i64 count) {
  if (count >= W) return *(const VU *)p;
  V r;
  for (int l = 0; l < W; l++) r[l] = p[l < count ? l : count - 1];
  return r;
}
IN void vStore(double *p, i64 count, V x) {
  if (count >= W) *(VU *)p = x;
  else for (int l = 0; l < W; l++) if (l < count) p[l] = x[l];
}
IN Q vLoadWords(const u32 *low, const u32 *high, i64 count) {
  Q r;
  for (int l = 0; l < W; l++) { i64 k = l < count ? l : count - 1; r[l] = low[k] | ((u64)high[k] << 32); }
  return r;
}
IN void vStoreWords(u32 *low, u32 *high, i64 count, Q x) {
  for (int l = 0; l < W; l++) if (l < count) { low[l] = (u32)x[l]; high[l] = (u32)(x[l] >> 32); }
}
`;

/** The lanes of two vectors of 64 bits as the even and the odd halves, and back: which lanes of two vectors of 2W make the first and the second. */
function arrangements(w: number): string {
  const of = (index: (k: number) => number): string => Array.from({ length: 2 * w }, (_, k) => index(k)).join(', ');
  const put = (name: string, first: (k: number) => number, second: (k: number) => number): string =>
    `#define ${name}(p, a, b) ((p)[0] = PICK(a, b, ${of(first)}), (p)[1] = PICK(a, b, ${of(second)}))`;
  return [
    `#define EVEN(x, y) PICK((N)(x), (N)(y), ${of((k) => 2 * k)})`,
    `#define ODD(x, y) PICK((N)(x), (N)(y), ${of((k) => 2 * k + 1)})`,
    // Two draws of one vector of lanes: each draw's first and second normals.
    put(
      'PUT1',
      (k) => (k < w ? k : k + w),
      (k) => (k < w ? k + w : k + 2 * w),
    ),
    // 2W draws of one lane: normals in turn.
    put(
      'PUTSINGLE',
      (k) => (k % 2) * 2 * w + Math.floor(k / 2),
      (k) => (k % 2) * 2 * w + Math.floor(k / 2) + w,
    ),
  ].join('\n');
}

const NORMALS = `
#if defined(__clang__) || __GNUC__ >= 12
#define PICK(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define PICK(a, b, ...) __builtin_shuffle(a, b, (N){__VA_ARGS__})
#endif
#if W == 8
${arrangements(8)}
#elif W == 4
${arrangements(4)}
#else
${arrangements(2)}
#endif
/* One draw of two vectors of lanes. */
#define PUT2(p, a, b) ((p)[0] = (a), (p)[1] = (b))
#if W == 8 && defined(__clang__)
#define fRoot(x) __builtin_ia32_sqrtps512(x, 4)
#elif W == 8
#define fRoot(x) __builtin_ia32_sqrtps512_mask(x, x, -1, 4)
#elif W == 4
#define fRoot(x) __builtin_ia32_sqrtps256(x)
#elif defined(__SSE__)
#define fRoot(x) __builtin_ia32_sqrtps(x)
#else
IN F fRoot(F x) { F r; for (int l = 0; l < 2 * W; l++) r[l] = __builtin_sqrtf(x[l]); return r; }
#endif
IN V vWide(const float *p) { return __builtin_convertvector(*(const HU *)p, V); }
IN void vNarrow(float *p, V x) { for (int l = 0; l < W; l++) p[l] = (float)x[l]; }
`;
