/** The C that every training kernel begins with: registers of numbers, the primitives that C has no operator for, and the matrix products. */
import type { Precision } from '../../trainingKernel.ts';

/** Only the vector extensions that GCC and Clang share are used, and no header. `F` is a number, `V` a register of W of them. */
export function prelude(precision: Precision): string {
  return [precision === 'float32' ? FLOAT32 : FLOAT64, COMMON, EVEN_ODD].join('\n');
}

const FLOAT32 = `
typedef float F;
#define BYTES 4
#define INT int
#define UINT unsigned
#define EXPONENT_SHIFT 23
#define EXPONENT_MASK 255
#define BIAS 127.0f
#define ABSOLUTE 0x7fffffffu
#define FRACTION 0x807fffffu
#define ONE 0x3f800000u
#define LOW_BITS 12582912.0f
#define LOW_BITS_FIELD 0x4b400000u
#define SCALAR_ROOT __builtin_sqrtf
#define SCALAR_FLOOR __builtin_floorf
`;

const FLOAT64 = `
typedef double F;
#define BYTES 8
#define INT long long
#define UINT unsigned long long
#define EXPONENT_SHIFT 52
#define EXPONENT_MASK 2047
#define BIAS 1023.0
#define ABSOLUTE 0x7fffffffffffffffULL
#define FRACTION 0x800fffffffffffffULL
#define ONE 0x3ff0000000000000ULL
#define LOW_BITS 6755399441055744.0
#define LOW_BITS_FIELD 0x4338000000000000ULL
#define SCALAR_ROOT __builtin_sqrt
#define SCALAR_FLOOR __builtin_floor
`;

const COMMON = `
#if defined(__AVX512F__) && defined(__AVX512DQ__)
#define SIZE 64
#elif defined(__AVX2__)
#define SIZE 32
#else
#define SIZE 16
#endif
#define W (SIZE / BYTES)
typedef F V __attribute__((vector_size(SIZE)));
typedef INT I __attribute__((vector_size(SIZE)));
typedef UINT Q __attribute__((vector_size(SIZE)));
typedef F VU __attribute__((vector_size(SIZE), aligned(BYTES), may_alias));
typedef long long i64;
#if W == 16
#define LIST(f) f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7), f(8), f(9), f(10), f(11), f(12), f(13), f(14), f(15)
#elif W == 8
#define LIST(f) f(0), f(1), f(2), f(3), f(4), f(5), f(6), f(7)
#elif W == 4
#define LIST(f) f(0), f(1), f(2), f(3)
#else
#define LIST(f) f(0), f(1)
#endif
#define IN static inline __attribute__((always_inline))
#if defined(__clang__)
#define ALONE static __attribute__((noinline))
#else
#define ALONE static __attribute__((noinline, noclone))
#endif
#define SAME(k) x
IN V B(F x) { return (V){LIST(SAME)}; }
IN V load(const F *p) { return *(const VU *)p; }
IN void store(F *p, V x) { *(VU *)p = x; }
IN V vAbsolute(V x) { return (V)((Q)x & ABSOLUTE); }
IN V vSelect(I m, V a, V b) { return (V)((m & (I)a) | (~m & (I)b)); }
IN I vSelectMask(I m, I a, I b) { return (m & a) | (~m & b); }
#if SIZE == 64 && BYTES == 4 && defined(__clang__)
#define vRoot(x) __builtin_ia32_sqrtps512(x, 4)
#define vFloor(x) ((V)__builtin_ia32_rndscaleps_mask(x, 9, x, -1, 4))
#elif SIZE == 64 && BYTES == 4
#define vRoot(x) __builtin_ia32_sqrtps512_mask(x, x, -1, 4)
#define vFloor(x) __builtin_ia32_rndscaleps_mask(x, 9, x, -1, 4)
#elif SIZE == 64 && defined(__clang__)
#define vRoot(x) __builtin_ia32_sqrtpd512(x, 4)
#define vFloor(x) ((V)__builtin_ia32_rndscalepd_mask(x, 9, x, -1, 4))
#elif SIZE == 64
#define vRoot(x) __builtin_ia32_sqrtpd512_mask(x, x, -1, 4)
#define vFloor(x) __builtin_ia32_rndscalepd_mask(x, 9, x, -1, 4)
#elif SIZE == 32 && BYTES == 4
#define vRoot(x) __builtin_ia32_sqrtps256(x)
#define vFloor(x) __builtin_ia32_roundps256(x, 9)
#elif SIZE == 32
#define vRoot(x) __builtin_ia32_sqrtpd256(x)
#define vFloor(x) __builtin_ia32_roundpd256(x, 9)
#elif defined(__SSE4_1__) && BYTES == 4
#define vRoot(x) __builtin_ia32_sqrtps(x)
#define vFloor(x) __builtin_ia32_roundps(x, 9)
#elif defined(__SSE4_1__)
#define vRoot(x) __builtin_ia32_sqrtpd(x)
#define vFloor(x) __builtin_ia32_roundpd(x, 9)
#else
IN V vRoot(V x) { V r; for (int l = 0; l < W; l++) r[l] = SCALAR_ROOT(x[l]); return r; }
IN V vFloor(V x) { V r; for (int l = 0; l < W; l++) r[l] = SCALAR_FLOOR(x[l]); return r; }
#endif
/* A whole number in the lowest bits of a number's field, as a number. */
IN V vExponent(V x) { return (V)((((Q)x >> EXPONENT_SHIFT) & EXPONENT_MASK) + LOW_BITS_FIELD) - (LOW_BITS + BIAS); }
IN V vMantissa(V x) { return (V)(((Q)x & FRACTION) | ONE); }
IN V vPowerOfTwo(V n) { return (V)((Q)(n + (LOW_BITS + BIAS)) << EXPONENT_SHIFT); }
/* The first numbers, and zeros. */
IN V first(V x, i64 count) { for (int l = 0; l < W; l++) x[l] = l < count ? x[l] : 0; return x; }
IN F total(V x) { F r = 0; for (int l = 0; l < W; l++) r += x[l]; return r; }
`;

/** Sums of neighbours: of a, then of b. */
const EVEN_ODD = `
#define EVEN(k) (2 * k)
#define ODD(k) (2 * k + 1)
#if defined(__clang__) || __GNUC__ >= 12
IN V pairs(V a, V b) { return __builtin_shufflevector(a, b, LIST(EVEN)) + __builtin_shufflevector(a, b, LIST(ODD)); }
#else
IN V pairs(V a, V b) { return __builtin_shuffle(a, b, (I){LIST(EVEN)}) + __builtin_shuffle(a, b, (I){LIST(ODD)}); }
#endif
/* The sum of each of W registers. */
IN V totals(const V *x) {
#if W == 16
  return pairs(pairs(pairs(pairs(x[0], x[1]), pairs(x[2], x[3])), pairs(pairs(x[4], x[5]), pairs(x[6], x[7]))),
               pairs(pairs(pairs(x[8], x[9]), pairs(x[10], x[11])), pairs(pairs(x[12], x[13]), pairs(x[14], x[15]))));
#elif W == 8
  return pairs(pairs(pairs(x[0], x[1]), pairs(x[2], x[3])), pairs(pairs(x[4], x[5]), pairs(x[6], x[7])));
#elif W == 4
  return pairs(pairs(x[0], x[1]), pairs(x[2], x[3]));
#else
  return pairs(x[0], x[1]);
#endif
}
`;
