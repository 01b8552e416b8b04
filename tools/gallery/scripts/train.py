"""What is delivered at the spikes of a train of 20 Hz, and half a second later."""

import matplotlib.pyplot as plt
import numpy as np
import quell as q

rule = q.rules.tsodyks_markram
presets = ()
synapses_drawn = 0

times = np.append(100 + 50.0 * np.arange(10), 1050)  # ms


def delivered(description, synapses=200):
    """What arrives at each spike, through synapses of weight 1 of one pre neuron: [spike, post]."""
    with q.Network(dt=0.1, seed=1) as net:
        pre = net.population("pre", 1, "spike_source")
        pre.set_spikes(np.zeros(len(times), int), times)
        post = net.population("post", synapses, "external")
        net.connect(pre, post, "excitatory", all_to_all=True, weight=1, rule=description)
        arrived = []  # in the step before each
        post.on_step(lambda post: arrived.append(post.input("excitatory")))
        net.run(times[-1] + 1)
        return np.array([arrived[round(time / net.dt) + 1] for time in times])


figure, axes = plt.subplots(1, len(presets) + 1, sharey=True, figsize=(7.6, 2.8))
for ax, preset in zip(axes, (None, *presets)):
    values = delivered(rule(preset=preset))
    ax.vlines(times, 0, values.mean(axis=1))
    ax.plot(times, values.mean(axis=1), "o", color="C0", markersize=4, label="mean")
    for i in range(synapses_drawn):
        ax.plot(times, values[:, i], "x", label=f"synapse {i}")
    ax.set(xlabel="time (ms)", title=preset or "defaults")
    ax.set_ylim(0)
axes[0].set_ylabel("delivered, of the weight")
if synapses_drawn:
    axes[-1].legend(loc="upper left", bbox_to_anchor=(1, 1))
