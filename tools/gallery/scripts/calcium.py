"""The outcome of 60 pairs, one a second, against their distance: mean weight, once each synapse has
settled in the state on whose side it is, over that before."""

import matplotlib.pyplot as plt
import numpy as np
import quell as q

rule = q.rules.calcium_graupner2012
presets = ("dp",)

distance = np.arange(-100, 101, 5)  # from the pre to the post spike, ms
pairs, copies = 60, 100
times = 200 + 1000.0 * np.arange(pairs)  # of the pre spikes, ms

with q.Network(dt=0.1, seed=1) as net:
    pre = net.population("pre", copies, "spike_source")
    pre.set_spikes(np.repeat(np.arange(copies), pairs), np.tile(times, copies))
    post = net.population("post", len(distance), "external")  # one for each distance
    due = {2000 + 10 * after: [i] for i, after in enumerate(distance)}  # in steps, in each second

    def fire(post):
        step = net.clock % 10000
        if step in due:
            post.spikes_in(due[step])

    post.on_step(fire)
    synapses, states = {}, {}
    for name in presets:
        learns = rule(preset=name)
        down, up = (learns.parameters[state] for state in ("w_down", "w_up"))
        start = np.repeat(np.where(np.arange(copies) % 2, up, down), len(distance))
        synapses[name] = net.connect(
            pre, post, "excitatory", all_to_all=True, weight=start, rule=learns
        )
        states[name] = down, up
    before = {name: projection.matrix().mean(axis=0) for name, projection in synapses.items()}
    net.run(1000 * pairs)
    outcome = {}
    for name, (down, up) in states.items():
        settled = np.where(synapses[name].matrix() > (down + up) / 2, up, down)
        outcome[name] = settled.mean(axis=0) / before[name]

figure, axes = plt.subplots(3, 3, sharex=True, figsize=(7.6, 5.6))
for ax, name in zip(axes.flat, presets):
    ax.plot(distance, outcome[name])
    ax.axhline(1, color="gray", linewidth=0.6, linestyle="-")
    ax.set_title(name)
figure.supxlabel("post spike minus pre spike (ms)", fontsize=9)
figure.supylabel(f"mean weight after {pairs} pairs over before (half begin DOWN)", fontsize=9)
