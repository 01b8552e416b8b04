/* Elementary functions against 20 digits of mpmath 1.3 at the exact argument (hexadecimal), chosen
 * where formulas change over, arguments are reduced, or digits cancel. */
#include "base/math.h"
#include "support/check.h"
#include <math.h>
#include <string.h>

typedef struct value {
  double x, y;
} value;

typedef double function(double x);

static const value exp_values[] = {
    {0.0, 1.0},
    {1.0, 2.7182818284590452354},
    {-1.0, 0.3678794411714423216},
    {0x1.62e42fefa39efp-2, 1.4142135623730950324},
    {-0x1.62e42fefa39f0p-2, 0.70710678118654749335},
    {0x1.999999999999ap-4, 1.1051709180756476309},
    {0x1.b7cdfd9d7bdbbp-34, 1.0000000001},
    {-0x1.f75104d551d69p-16, 0.99997000044999550003},
    {0x1.4000000000000p+1, 12.182493960703473438},
    {-0x1.d333333333333p+2, 0.00067553877519384435784},
    {20.0, 485165195.40979027797},
    {-87.0, 1.6458114310822736512e-38},
    {0x1.9100000000000p+6, 3.4516107331259239871e+43},
    {-0x1.2cb3333333333p+8, 2.5565205714255009583e-131},
    {700.0, 1.0142320547350045095e+304},
    {0x1.62c0000000000p+9, 1.3549863193146328309e+308},
    {-707.0, 8.9908612264554187859e-308},
};
static const value expm1_values[] = {
    {0x1.56e1fc2f8f359p-997, 1.0000000000000000251e-300},
    {-0x1.70ef54646d497p-57, -1.0000000000000000665e-17},
    {0x1.b7cdfd9d7bdbbp-34, 1.0000000000500000364e-10},
    {-0x1.4f8b588e368f1p-17, -9.999950000166667068e-6},
    {0x1.47ae147ae147bp-7, 0.010050167084168057752},
    {0x1.fffff94a03595p-2, 0.6487211058280093157},
    {-0x1.fffff94a03595p-2, -0.39346927963429757074},
    {0x1.0000035afe535p-1, 0.64872143557226337369},
    {-0x1.0000035afe535p-1, -0.39346940094042948308},
    {1.0, 1.7182818284590452354},
    {-1.0, -0.6321205588285576784},
    {-5.0, -0.9932620530009145329},
    {-40.0, -0.99999999999999999575},
    {30.0, 10686474581523.462147},
    {600.0, 3.7730203009299398234e+260},
};
static const value log_values[] = {
    {0x1.0000000000000p-1, -0.69314718055994530942},
    {2.0, 0.69314718055994530942},
    {10.0, 2.302585092994045684},
    {0x1.0000000000001p+0, 2.2204460492503128343e-16},
    {0x1.fffffffffffffp-1, -1.1102230246251566021e-16},
    {0x1.00068db8bac71p+0, 0.000099995000333297323022},
    {0x1.ff7ced916872bp-1, -0.0010005003335835343892},
    {0x1.6a09e667f3bccp+0, 0.34657359027997256606},
    {0x1.6a09e667f3bcdp+0, 0.34657359027997272307},
    {0x1.6a09e667f3bcep+0, 0.34657359027997288008},
    {0x1.6a09e667f3bccp-1, -0.34657359027997274336},
    {0x1.6a09e667f3bcdp-1, -0.34657359027997258635},
    {0x1.f75104d551d69p-16, -10.414313176302118703},
    {0x1.249ad2594c37dp+332, 230.25850929940456842},
    {0x1.0000000000000p-1022, -708.39641853226410622},
    {0x0.012688b70e62bp-1022, -713.8013788281541651},
    {0x0.0000000000001p-1022, -744.44007192138126231},
    {0x1.fffffffffffffp+1023, 709.78271289338399673},
};
static const value log1p_values[] = {
    {0x1.56e1fc2f8f359p-997, 1.0000000000000000251e-300},
    {-0x1.70ef54646d497p-57, -1.0000000000000000765e-17},
    {0x1.b7cdfd9d7bdbbp-34, 9.9999999995000003644e-11},
    {-0x1.b7cdfd9d7bdbbp-34, -1.0000000000500000364e-10},
    {-0x1.4f8b588e368f1p-17, -0.000010000050000333336651},
    {0x1.47ae147ae147bp-7, 0.0099503308531680830543},
    {-0x1.3333333333333p-2, -0.35667494393873236305},
    {0x1.6666666666666p-1, 0.53062825106217037011},
    {-0x1.ff7ced916872bp-1, -6.9077552789821361639},
    {5.0, 1.7917594692280550008},
    {10000000000.0, 23.02585093004045684},
};
static const value log_factorial_values[] = {
    {2.0, 0.69314718055994530942},         {3.0, 1.7917594692280550008},
    {5.0, 4.7874917427820459942},          {10.0, 15.104412573075515295},
    {15.0, 27.899271383840891566},         {16.0, 30.671860106080672804},
    {17.0, 33.505073450136888884},         {20.0, 42.33561646075348503},
    {100.0, 363.73937555556349014},        {170.0, 706.57306224578734711},
    {10000.0, 82108.927836814353455},      {1000000.0, 12815518.384658169624},
    {10000000000.0, 220258509311.8364324}, {1000000000000000.0, 33538776394910703.449},
};
static const value stirling_values[] = {
    {1.0, 0.08106146679532725822},         {2.0, 0.041340695955409294094},
    {8.0, 0.010411265261972096497},        {15.0, 0.005554733551962801371},
    {16.0, 0.0052076559196096404407},      {17.0, 0.0049013959484347378607},
    {30.0, 0.0027776749297526936036},      {1000.0, 0.000083333330555556349206},
    {1000000.0, 8.3333333333330555556e-8}, {10000000000.0, 8.3333333333333333333e-12},
};
static const value quantile_values[] = {
    {0x1.0000000000000p-1, 0.0},
    {0x1.0000000000000p-2, -0.6744897501960817432},
    {0x1.8000000000000p-1, 0.6744897501960817432},
    {0x1.3333185b40987p-4, -1.4395321773759005864},
    {0x1.33334e0b25cdfp-4, -1.4395307645017296865},
    {0x1.d999963e9b464p-1, 1.4395307645017295885},
    {0x1.d9999cf497ecfp-1, 1.4395321773759004884},
    {0x1.0624dd2f1a9fcp-10, -3.0902323061678135354},
    {0x1.ff7ced916872bp-1, 3.0902323061678132778},
    {0x1.4f8b588e368f1p-17, -4.2648907939228246102},
    {0x1.b7cdfd9d7bdbbp-34, -6.3613409024040561991},
    {0x1.e8a37a456a852p-37, -6.6579046435113085802},
    {0x1.e8a31520ae404p-37, -6.6579051078505000124},
    {0x1.e8a3fbb642ff1p-37, -6.6579040492642496341},
    {0x1.0000000000000p-53, -8.2095361516013868556},
    {0x1.fffffffffffffp-1, 8.2095361516013868556},
    {0x1.bff2ee48e0530p-333, -21.273453560965324294},
    {0x1.56e1fc2f8f359p-997, -37.047096299361199237},
};

static void check_values(function *f, const value *values, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++) {
    double y = f(values[i].x), error = fabs(y - values[i].y);
    if (error <= 1e-14 * fabs(values[i].y)) continue; /* false for NaN */
    print_error("%s(%a) = %.17g, should be %.17g\n", name, values[i].x, y, values[i].y);
    fail();
  }
}

#define CHECK(f, values) check_values(f, values, COUNT(values), #f)

static void test_values(void **state) {
  (void)state;
  CHECK(ql_exp, exp_values);
  CHECK(ql_expm1, expm1_values);
  CHECK(ql_log, log_values);
  CHECK(ql_log1p, log1p_values);
  CHECK(ql_log_factorial, log_factorial_values);
  CHECK(ql_normal_quantile, quantile_values);
}

/* Chances of binomials depend on the absolute error. */
static void test_stirling_error(void **state) {
  (void)state;
  for (size_t i = 0; i < COUNT(stirling_values); i++)
    assert_true(fabs(ql_stirling_error(stirling_values[i].x) - stirling_values[i].y) < 2e-16);
}

/* Everywhere, not only at chosen points: a wrong coefficient that matters between them. The C
 * library is good to one unit in the last place. */
static void test_against_the_c_library(void **state) {
  (void)state;
  for (int i = -70000; i <= 70000; i++) {
    double x = i * 0.01 + 1e-3;
    assert_true(fabs(ql_exp(x) - exp(x)) <= 1e-14 * exp(x));
    double u = x / 700;
    assert_true(fabs(ql_expm1(u) - expm1(u)) <= 1e-14 * fabs(expm1(u)));
    if (u > -1) assert_true(fabs(ql_log1p(u) - log1p(u)) <= 1e-14 * fabs(log1p(u)));
    double y = exp(0.01 * x);
    assert_true(fabs(ql_log(y) - log(y)) <= 1e-14 * fabs(log(y)));
  }
}

/* The distribution function of the quantile is the argument again. Its derivative times x is the
 * factor by which an error of the quantile grows. */
static void test_quantile_inverts(void **state) {
  (void)state;
  for (int i = 1; i < 100000; i++) {
    double p = i / 100000.0, x = ql_normal_quantile(p);
    double back = 0.5 * erfc(-x / sqrt(2.0));
    assert_true(fabs(back - p) <= 1e-14 * p * (1 + x * x));
    assert_true(fabs(ql_normal_quantile(1 - p) + x) <= 1e-14 * (1 + fabs(x)) / p);
  }
}

static int is_negative_zero(double x) {
  return x == 0.0 && signbit(x);
}

static void test_edges(void **state) {
  (void)state;
  assert_true(ql_exp(0.0) == 1.0);
  assert_true(ql_exp(-INFINITY) == 0.0 && ql_exp(-746.1) == 0.0 && ql_exp(-1e300) == 0.0);
  assert_true(ql_exp(INFINITY) == INFINITY && ql_exp(710.0) == INFINITY);
  assert_true(isfinite(ql_exp(709.7)));
  assert_true(ql_exp(-745.1) == 0x1p-1074); /* the smallest number of all */
  assert_true(fabs(ql_exp(-720.0) / 0x0.0000993b4dc95p-1022 - 1) < 1e-9);
  assert_true(is_negative_zero(ql_expm1(-0.0)) && ql_expm1(-INFINITY) == -1.0);
  assert_true(ql_expm1(INFINITY) == INFINITY);
  assert_true(ql_log(1.0) == 0.0 && ql_log(0.0) == -INFINITY && ql_log(-0.0) == -INFINITY);
  assert_true(ql_log(INFINITY) == INFINITY && isnan(ql_log(-1.0)));
  assert_true(ql_log1p(-1.0) == -INFINITY && isnan(ql_log1p(-2.0)));
  assert_true(ql_log1p(INFINITY) == INFINITY);
  assert_true(ql_log_factorial(0.0) == 0.0 && ql_log_factorial(1.0) == 0.0);
  assert_true(isnan(ql_log_factorial(-1.0)));
  assert_true(ql_normal_quantile(0.0) == -INFINITY && ql_normal_quantile(1.0) == INFINITY);
  assert_true(isnan(ql_normal_quantile(-0.1)) && isnan(ql_normal_quantile(1.1)));
  assert_true(isnan(ql_exp(NAN)) && isnan(ql_expm1(NAN)) && isnan(ql_log(NAN)));
  assert_true(isnan(ql_log1p(NAN)) && isnan(ql_log_factorial(NAN)));
  assert_true(isnan(ql_normal_quantile(NAN)));
}

static uint64_t hash(uint64_t sum, double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return (sum ^ bits) * UINT64_C(0x100000001b3);
}

/* Every compiler gives these bits (gcc and clang, -O0 to -O3, with FMA units and without, agree on
 * the number below): contraction, -ffast-math or a call of libm would change them. */
static void test_bits(void **state) {
  (void)state;
  uint64_t sum = UINT64_C(0xcbf29ce484222325);
  for (int i = 1; i < 10000; i++) {
    double u = i / 10000.0;
    sum = hash(sum, ql_exp(1400 * (u - 0.5)));
    sum = hash(sum, ql_expm1(2 * (u - 0.5)));
    sum = hash(sum, ql_log(u));
    sum = hash(sum, ql_log1p(-u * u));
    sum = hash(sum, ql_log_factorial(i));
    sum = hash(sum, ql_stirling_error(i));
    sum = hash(sum, ql_normal_quantile(u));
    sum = hash(sum, ql_normal_quantile(u * u * u * u * u));
  }
  assert_int_equal(sum, UINT64_C(0x5f67af600e76de0b));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_values),
      cmocka_unit_test(test_stirling_error),
      cmocka_unit_test(test_against_the_c_library),
      cmocka_unit_test(test_quantile_inverts),
      cmocka_unit_test(test_edges),
      cmocka_unit_test(test_bits),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
