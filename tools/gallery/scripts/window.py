"""The pair window: what one pre and one post spike change, against the time between them."""

import matplotlib.pyplot as plt
import numpy as np
import quell as q

rule = q.rules.vogels2011
weight = 0.5
# Each with the weight to start from.
presets = {}

distance = np.arange(-1000, 1001, 5)  # from the pre to the post spike, in steps of 0.1 ms


def window(description, weight):
    """Change of the weight at each distance: one pre neuron, and a post neuron for each."""
    with q.Network(dt=0.1) as net:
        pre = net.population("pre", 1, "spike_source")
        pre.set_spikes([0], [150])
        post = net.population("post", len(distance), "external")
        post.on_step(lambda post: post.spikes_in(np.flatnonzero(net.clock == 1500 + distance)))
        synapses = net.connect(
            pre, post, "inhibitory", all_to_all=True, weight=weight, rule=description
        )
        net.run(400)
        return synapses.weights - np.float32(weight)


change = window(rule(), weight)

figure, axes = plt.subplots(1, 2 if presets else 1, squeeze=False)
figure.set_size_inches(7.6, 3.0 + 0.18 * len(presets))
axes[0, 0].plot(distance / 10, change)
axes[0, 0].set(ylabel=f"change of w = {weight:g}", title="defaults")
for name, start in presets.items():
    by_preset = window(rule(preset=name), start)
    most = abs(by_preset).max()
    axes[0, 1].plot(distance / 10, by_preset / (most or 1), label=f"{name}: {most:.2g}")
if presets:
    axes[0, 1].set(ylabel="change over its largest", title="presets, and their largest change")
    axes[0, 1].legend(loc="upper center", bbox_to_anchor=(0.5, -0.2))
for ax in axes.flat:
    ax.axhline(0, color="gray", linewidth=0.6, linestyle="-")
    ax.set_xlabel("post spike minus pre spike (ms)")
