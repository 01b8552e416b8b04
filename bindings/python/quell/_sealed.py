"""Objects whose attributes cannot be mistaken for parameters."""

from __future__ import annotations

from typing import Any


class _Sealing(type):
    """Seals an object when its ``__init__`` is done."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        made = super().__call__(*args, **kwargs)
        made._sealed = True
        return made


class Sealed(metaclass=_Sealing):
    """Refuses new public attributes, and changes of those that are no property: a parameter that is
    set as an attribute, or a misspelt one, would otherwise be lost in silence."""

    _sealed = False

    def __setattr__(self, name: str, value: Any) -> None:
        known = isinstance(getattr(type(self), name, None), property)
        if self._sealed and not known and not name.startswith("_"):
            kind = type(self).__name__.lower()
            if name in self.__dict__:
                raise AttributeError(f"'{name}' of a {kind} cannot be changed")
            raise AttributeError(
                f"a {kind} has no attribute '{name}'; parameters and state are set by name, "
                f"as in {kind}['{name}'] = value"
            )
        super().__setattr__(name, value)
