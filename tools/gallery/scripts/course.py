"""Weights over time, while the rate of the post neurons goes through a course."""

import matplotlib.pyplot as plt
import numpy as np
import quell as q

rule = q.rules.scaling()
weights = [0.5, 1.0, 1.5]
rates = [3.0, 9.0, 1.0]  # Hz, of the post neurons, one after the other; empty: they are silent
pre_rate = 0.0  # Hz
variables = ()  # of the synapses, which begin at the weight
duration, dt = 300e3, 5.0  # ms

random = np.random.default_rng(1)
with q.Network(dt=dt, seed=1) as net:
    pre = net.population("pre", len(weights), "poisson", rate=pre_rate)
    post = net.population("post", 20, "external")

    def fire(post):
        if rates:
            rate = rates[int(net.time / duration * len(rates))]
            post.spikes_in(np.flatnonzero(random.random(len(post)) < rate * dt / 1000))

    post.on_step(fire)
    start = np.repeat(weights, len(post))
    synapses = net.connect(pre, post, "inhibitory", all_to_all=True, weight=start, rule=rule)
    for variable in variables:
        synapses[variable] = start
    times, course = [0.0], [start.reshape(len(weights), -1)]
    for _ in range(200):
        net.run(duration / 200)
        times.append(net.time / 1000)
        course.append(synapses.matrix())
course = np.array(course)  # [time, pre, post]

panels = [3, 1] if rates else [1]
figure, axes = plt.subplots(
    len(panels), sharex=True, squeeze=False, gridspec_kw={"height_ratios": panels}
)
for i in range(len(weights)):
    axes[0, 0].plot(times, course[:, i].mean(axis=1))
axes[0, 0].set_ylabel("weight, mean over\nthe post neurons")
if rates:
    edges = np.linspace(0, duration / 1000, len(rates) + 1)
    axes[1, 0].stairs(rates, edges, baseline=None, color="black")
    axes[1, 0].set_ylabel("post rate\n(Hz)")
    axes[1, 0].set_ylim(0)
axes[-1, 0].set_xlabel("time (s)")
