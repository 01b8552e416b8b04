"""Two populations of rate units, each with an instance of the rule for each class of weights."""

import matplotlib.pyplot as plt
import quell as q

rule = q.rules.cross_homeostatic
faster = 10  # than published

with q.Network(dt=0.1) as net:
    exc = net.population("E", 1, "rate", tau=10, gain=1, threshold=4.8, rate_max=100, h=11.5)
    inh = net.population("I", 1, "rate", tau=2, gain=4, threshold=25, rate_max=250, h=25.2)
    classes = {}
    for name, pre, post, other, weight in [
        ("E onto E", exc, exc, inh, 2.1),
        ("I onto E", inh, exc, inh, 3.0),
        ("E onto I", exc, inh, exc, 4.0),
        ("I onto I", inh, inh, exc, 2.0),
    ]:
        preset = (post.name + pre.name).lower()
        instance = net.rule(rule(preset=preset, eta=faster * 5e-6), other=other)
        receptor = "excitatory" if pre is exc else "inhibitory"
        classes[name] = net.connect(
            pre, post, receptor, all_to_all=True, weight=weight, rule=instance
        )
    times, course, rates = [], [], []
    for _ in range(400):
        net.run(100)
        times.append(net.time / 1000)
        course.append([synapses.weights[0] for synapses in classes.values()])
        rates.append([exc["rate"][0], inh["rate"][0]])

figure, axes = plt.subplots(2, sharex=True, gridspec_kw={"height_ratios": [3, 2]})
for name, values in zip(classes, zip(*course)):
    axes[0].plot(times, values, label=name)
axes[0].set_ylabel("weight")
axes[0].legend(loc="upper left", bbox_to_anchor=(1, 1))
for label, values, target in zip(("E", "I"), zip(*rates), (5, 14)):
    axes[1].plot(times, values, label=label)
    axes[1].axhline(target, color="gray", linewidth=0.6, linestyle="-")
axes[1].set(xlabel="time (s)", ylabel="rate (Hz)")
axes[1].legend(loc="upper left", bbox_to_anchor=(1, 1))
