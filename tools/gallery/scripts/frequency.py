"""Pairs of spikes, repeated: the change of the weight against how often they come."""

import matplotlib.pyplot as plt
import numpy as np
import quell as q

rule = q.rules.stdp_triplet
weight = 1.0
presets = ()

frequency = np.array([1, 2, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50])  # Hz
pairs, lag = 60, 10  # lag: ms between the spikes of a pair

# A pre and a post neuron for each frequency.
neurons = np.repeat(np.arange(len(frequency)), pairs)
pre_times = 100 + np.concatenate([np.arange(pairs) * round(1000 / f) for f in frequency])


def outcome(distance):
    """Weight after all pairs over that before, at each frequency and by each preset."""
    post_times = pre_times + distance
    due = {time: neurons[post_times == time] for time in set(post_times.tolist())}
    with q.Network(dt=1.0) as net:
        pre = net.population("pre", len(frequency), "spike_source")
        pre.set_spikes(neurons, pre_times)
        post = net.population("post", len(frequency), "external")

        def fire(post):
            if net.clock in due:
                post.spikes_in(due[net.clock])

        post.on_step(fire)
        synapses = {
            name: net.connect(
                pre, post, "excitatory", one_to_one=True, weight=weight, rule=rule(preset=name)
            )
            for name in presets
        }
        net.run(pre_times.max() + 200)
        return {name: synapses[name].weights / weight for name in presets}


figure, axes = plt.subplots(1, 2, sharey=True, figsize=(7.6, 3.2))
for ax, distance in zip(axes, (lag, -lag)):
    for name, relative in outcome(distance).items():
        ax.plot(frequency, relative, marker="o", markersize=4, label=name)
    ax.axhline(1, color="gray", linewidth=0.6, linestyle="-")
    order = "pre before post" if distance > 0 else "post before pre"
    ax.set(xlabel="pairs per second", title=f"{order}, {lag} ms")
axes[0].set_ylabel(f"weight after {pairs} pairs over before")
axes[0].legend()
