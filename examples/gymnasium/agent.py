"""An agent whose policy is a spiking network, taught by dopamine.

    place cells ──reward_stdp──> groups of action neurons, one for each action
                                    └──inhibition──> all other groups

For each decision the cells of the present place fire; the group that fires most is the action. A
dopamine channel with a critic hears of rewards and values, and releases the error of the reward
prediction. What pre- and postsynaptic spikes have left in the synapses' eligibilities becomes a
change of weight as far as there is dopamine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import quell


@dataclass(frozen=True)
class Settings:
    """All parameters."""

    cells: int = 8  # place cells of each place
    group: int = 10  # action neurons of each action
    dt: float = 1.0  # ms
    shown: float = 50.0  # ms with the place
    pause: float = 20.0  # ms without, in which dopamine acts
    place_rate: float = 100.0  # Hz, cells of the present place
    weight: float = 45.0  # pA, at the beginning, ± a tenth
    w_max: float = 150.0  # pA
    inhibition: float = 40.0  # pA, between neurons of different groups
    noise: float = 30.0  # pA, weight of background spikes, 200 Hz a neuron
    learning: float = 450.0  # pA per second and unit of dopamine, for a pair of spikes
    tau_eligibility: float = 80.0  # ms
    tau_dopamine: float = 5.0  # ms
    discount: float = 0.9  # of a decision
    value_rate: float = 0.3  # of the critic's table

    @property
    def period(self) -> float:
        """Time for a decision, ms."""
        return self.shown + self.pause


DEFAULT = Settings()


class Agent:
    """The network and its critic.

    Args:
        places: number of states of the environment.
        actions: number of actions.
        seed: of the network and the first weights.
        releases: what the channel releases after each decision: None: the critic's error of the
            prediction; for controls, a sequence of amounts that have nothing to do with it, such as
            zeros.
        settings: all parameters.
    """

    def __init__(
        self, places: int, actions: int, seed: int, releases: Iterable[float] | None = None,
        settings: Settings = DEFAULT,
    ) -> None:  # fmt: skip
        s = self.settings = settings
        self.actions = actions
        self.releases = None if releases is None else iter(releases)
        self.rng = np.random.default_rng(seed)
        self.value = np.zeros(places)  # what the critic expects of each place
        net = self.net = quell.Network(dt=s.dt, seed=seed)
        self.place_cells = net.population("places", places * s.cells, "poisson")
        self.action_neurons = net.population("actions", actions * s.group, "lif_curr_exp")
        self.action_neurons.background("excitatory", 200, s.noise)

        self.dopamine = net.modulator("dopamine", tau=s.tau_dopamine)
        if releases is None:
            self.dopamine.critic("value", tau=-s.period / np.log(s.discount))
        rule = quell.rules.reward_stdp(
            a_plus=s.learning, a_minus=0, tau_e=s.tau_eligibility, w_max=s.w_max
        )
        rule.bind("reward", self.dopamine)
        self.synapses = net.connect(
            self.place_cells, self.action_neurons, "excitatory", all_to_all=True, rule=rule,
            weight=quell.uniform(0.9 * s.weight, 1.1 * s.weight), delay=s.dt,
        )  # fmt: skip
        which = np.arange(actions * s.group) // s.group
        rivals = np.nonzero(which[:, np.newaxis] != which)
        net.connect(
            self.action_neurons, self.action_neurons, "inhibitory", pairs=rivals,
            weight=s.inhibition, delay=s.dt,
        )  # fmt: skip
        self.spikes = net.record(self.action_neurons, "spikes")

    def begin(self, place: int) -> None:
        """A new episode."""
        if self.releases is None:
            self.dopamine.restart(self.value[place])

    def decide(self, place: int) -> int:
        """Shows a place. Returns the action whose neurons have fired most."""
        s = self.settings
        rates = np.zeros(len(self.place_cells))
        rates[place * s.cells : (place + 1) * s.cells] = s.place_rate
        self.place_cells["rate"] = rates
        self.spikes.clear()
        self.net.run(s.shown)
        self.place_cells["rate"] = 0
        counts = np.bincount(self.spikes.neurons // s.group, minlength=self.actions)
        return int(self.rng.choice(np.flatnonzero(counts == counts.max())))

    def learn(self, place: int, reward: float, then: int | None) -> float:
        """Hears what came of an action.

        Args:
            place: where it was.
            reward: what it brought.
            then: the next place; None if it was the end.

        Returns:
            The error of the prediction.
        """
        s = self.settings
        value = 0.0 if then is None else self.value[then]
        error = reward + s.discount * value - self.value[place]
        if self.releases is None:
            self.dopamine.reward(reward)
            self.dopamine.predict(value)
        else:
            self.dopamine.release(next(self.releases))
        self.value[place] += s.value_rate * error
        self.net.run(s.pause)
        return error
