/*
 * rstdp: reward-modulated plasticity with the success signal R − R̄.
 *
 *   pre:   e −= a_minus y          x, y: traces with tau_plus, tau_minus
 *   post:  e += a_plus x           de/dt = −e / tau_e
 *   always:  dw/dt = e × success   per second
 *
 * "success" is the reward less what was expected: a channel with a critic QUELL_CRITIC_MEAN
 * releases just that. For a channel with tau = 0 a success S at a step changes w by S e dt; the
 * mean change is Cov(S, e) + <S> <e>, and the second part, which is unsupervised, vanishes where
 * the critic is right on the mean.
 *
 * Frémaux, Sprekeler & Gerstner 2010, 10.1523/JNEUROSCI.6249-09.2010; tau_e of 2 s and the rate
 * 0.75 of the critic's mean are those of public code after it (SeqNeuromod), the amplitudes are
 * ours.
 */
#include "rules/three_factor/eligible_pairs.h"

static const quell_param_desc params[] = {QL_ELIGIBLE_PAIR_PARAMS(0.01, 0.0, 2000.0, 3.0)};

static const quell_value biphasic[] = {{"a_plus", 0.01}, {"a_minus", 0.01}};

static const quell_preset_desc presets[] = {
    {"biphasic", "both orders of pairs count, with opposite sign; the amplitudes are ours",
     QUELL_TABLE(biphasic)},
};

static const quell_trace_desc traces[] = {QL_ELIGIBLE_PAIR_TRACES(QUELL_TRACE_ADD)};

static const quell_factor_desc factors[] = {{"success", "reward less what was expected"}};

const quell_rule_desc QL_RULE(rstdp) = {
    .name = "rstdp",
    .summary = "pair rule under reward minus expected reward",
    .source = "Frémaux et al. 2010, 10.1523/JNEUROSCI.6249-09.2010",
    QL_ELIGIBLE_PAIR_RULE,
};
