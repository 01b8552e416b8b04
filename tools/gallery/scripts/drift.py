"""The mean drift of the weight under independent Poisson spiking, against the post rate."""

import matplotlib.pyplot as plt
import numpy as np
import quell as q

rule = q.rules.vogels2011()
weight = 50.0
pre_rate, post_rates = 10.0, np.linspace(0, 20, 21)  # Hz
settling, learning = 1.0, 40.0  # s

random = np.random.default_rng(1)
with q.Network(dt=1.0, seed=1) as net:
    pre = net.population("pre", 40, "poisson", rate=pre_rate)
    post = net.population("post", 40 * len(post_rates), "external")
    probability = np.tile(post_rates, 40) * net.dt / 1000
    post.on_step(
        lambda post: post.spikes_in(np.flatnonzero(random.random(len(post)) < probability))
    )
    synapses = net.connect(pre, post, "inhibitory", all_to_all=True, weight=weight, rule=rule)
    synapses.learning = False
    net.run(1000 * settling)
    synapses.learning = True
    net.run(1000 * learning)
    change = synapses.matrix() - np.float32(weight)
    drift = change.reshape(-1, len(post_rates)).mean(axis=0) / learning

figure, ax = plt.subplots()
ax.plot(post_rates, drift, "o-", markersize=4)
ax.axhline(0, color="gray", linewidth=0.6, linestyle="-")
ax.set(xlabel="rate of the post neuron (Hz)", ylabel="drift of the weight (per s)")
ax.set_title(f"Poisson spikes, pre at {pre_rate:g} Hz")
