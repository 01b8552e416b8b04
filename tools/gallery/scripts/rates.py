"""Rate units: the weights onto one unit and its rate over time."""

import matplotlib.pyplot as plt
import numpy as np
import quell as q

rule = q.rules.rate_inhibitory()
receptor = "inhibitory"
pre_rates = [4.0, 8.0, 16.0]  # Hz
weights = [0.05, 0.05, 0.05]
bias = 10.0  # Hz, input of the post unit beside these synapses
duration, dt = 5000.0, 1.0  # ms

with q.Network(dt=dt) as net:
    pre = net.population("pre", len(pre_rates), "rate", bias=np.array(pre_rates))
    post = net.population("post", 1, "rate", bias=bias)
    synapses = net.connect(pre, post, receptor, all_to_all=True, weight=weights, rule=rule)
    times, course, rate = [], [], []
    for _ in range(200):
        net.run(duration / 200)
        times.append(net.time / 1000)
        course.append(synapses.weights)
        rate.append(post["rate"][0])
course = np.array(course)  # [time, synapse]

figure, axes = plt.subplots(2, sharex=True, gridspec_kw={"height_ratios": [3, 2]})
for i, pre_rate in enumerate(pre_rates):
    axes[0].plot(times, course[:, i], label=f"from {pre_rate:g} Hz")
axes[0].set_ylabel("weight")
axes[0].legend(loc="upper left", bbox_to_anchor=(1, 1))
axes[1].plot(times, rate, color="black")
axes[1].set(xlabel="time (s)", ylabel="post rate (Hz)")
axes[1].set_ylim(0)
