"""The drift of the weight against the membrane potential, which the host holds."""

import matplotlib.pyplot as plt
import numpy as np
import quell as q

rule = q.rules.voltage_inhibitory
weight = 1.0
presets = ()

v = np.linspace(-80, 0, 161)  # mV, one post neuron for each
pre_rate, duration = 10.0, 0.5  # Hz, s


def drift(description):
    """Change per second, with pre spikes at regular intervals and no post spikes."""
    with q.Network(dt=0.1) as net:
        pre = net.population("pre", 1, "spike_source")
        times = np.arange(1, duration * pre_rate) * 1000 / pre_rate
        pre.set_spikes(np.zeros(len(times), int), times)
        post = net.population("post", len(v), "external", v=v)
        post.on_step(lambda post: None)  # no spikes
        synapses = net.connect(
            pre, post, "inhibitory", all_to_all=True, weight=weight, rule=description
        )
        net.run(1000 * duration)
        return (synapses.weights - np.float32(weight)) / duration


figure, axes = plt.subplots(1, 2)
figure.set_size_inches(7.6, 3.0 + 0.18 * len(presets))
axes[0].plot(v, drift(rule(w_max=1e6)))  # no bound cuts the change
axes[0].set(ylabel="drift of the weight (per s)", title=f"defaults, pre spikes at {pre_rate:g} Hz")
for name in presets:
    by_preset = drift(rule(preset=name, w_max=1e6))
    axes[1].plot(v, by_preset / abs(by_preset).max(), label=name)
axes[1].set(ylabel="drift over its largest", title="presets")
axes[1].legend(loc="upper center", bbox_to_anchor=(0.5, -0.2))
for ax in axes:
    ax.axhline(0, color="gray", linewidth=0.6, linestyle="-")
    ax.set_xlabel("membrane potential, held (mV)")
