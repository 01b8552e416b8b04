"""The pair window of a cell whose voltage and conductances the host holds."""

import matplotlib.pyplot as plt
import numpy as np
import quell as q

rule = q.rules.codependent_inhibitory()
receptor = "inhibitory"
weight = 1.0
v, g_exc, inhibition = -50.0, 20.0, (0.0, 4.0, 12.0)  # mV, nS

distance = np.arange(-1000, 1001, 5)  # from the pre to the post spike, in steps of 0.1 ms


def window(g_inh):
    """Change of the weight at each distance, once the currents have settled."""
    with q.Network(dt=0.1) as net:
        pre = net.population("pre", 1, "spike_source")
        pre.set_spikes([0], [2000])
        held = {"v": v, "g_exc": g_exc, "g_inh": g_inh}
        post = net.population("post", len(distance), "external", **held)
        post.on_step(lambda post: post.spikes_in(np.flatnonzero(net.clock == 20000 + distance)))
        synapses = net.connect(pre, post, receptor, all_to_all=True, weight=weight, rule=rule)
        net.run(2300)
        change = synapses.weights.astype(float) - np.float32(weight)
        if "remainder" in rule.type.variables:  # what rounding has left out of the weight
            change += synapses["remainder"]
        return change


figure, ax = plt.subplots()
change = {g_inh: window(g_inh) for g_inh in inhibition}
for g_inh, values in change.items():
    ax.plot(distance / 10, values, label=f"g_inh = {g_inh:g} nS")
ax.axhline(0, color="gray", linewidth=0.6, linestyle="-")
ax.set(xlabel="post spike minus pre spike (ms)", ylabel=f"change of w = {weight:g}")
ax.set_title(f"cell held at {v:g} mV, g_exc = {g_exc:g} nS")
ax.legend()
