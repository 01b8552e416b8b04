"""The weight over time: one pair of spikes in either order, and later a release of all modulators
that the rule follows."""

import matplotlib.pyplot as plt
import numpy as np
import quell as q

rule = q.rules.reward_stdp

weight = 1.0
apart = 10.0  # from one spike of the pair to the other, ms
lag, amount, tau = 500.0, 1.0, 200.0  # of the release after the pair, of what it adds, ms
times = np.arange(0.0, 2000.0, 10.0)  # ms; the first pre spike is at 100 ms

with q.Network(dt=0.1, seed=1) as net:
    pre = net.population("pre", 1, "spike_source")
    post = net.population("post", 2, "external")  # one for each order
    pre.set_spikes([0], [100.0])
    due = {round((100 + apart) * 10): [0], round((100 - apart) * 10): [1]}
    post.on_step(lambda post: post.spikes_in(due.get(net.clock, [])))
    modulator = net.modulator("modulator", tau=tau)
    modulator.release(amount, time=100 + lag)
    learns = rule()
    for factor in rule.factors:
        learns.bind(factor, modulator)
    synapses = net.connect(pre, post, "excitatory", all_to_all=True, weight=weight, rule=learns)
    course = []
    for time in times:
        net.run(time - net.time)
        course.append(synapses.weights)
course = np.array(course)

figure, ax = plt.subplots(figsize=(5.6, 3.0))
ax.plot(times, course[:, 0] - weight, label="pre before post")
ax.plot(times, course[:, 1] - weight, label="post before pre")
ax.axvline(100 + lag, color="gray", linewidth=0.6, linestyle="-")
ax.set_xlabel("time (ms)")
ax.set_ylabel("change of the weight")
ax.legend()
