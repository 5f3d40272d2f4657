"""What pytask sees of a build: dependencies that hold content, products that hold the hash of
files, tasks."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from helpers.run.products import Products


@dataclass
class Content:
    """A dependency: a name that people understand, and its content or the hash of it."""

    name: str
    content: str
    attributes: dict = field(default_factory=dict)

    @property
    def signature(self) -> str:
        """Which node this is. The same name with the same content is one node in all tasks."""
        return hashlib.sha256(f"{self.name} {self.content}".encode()).hexdigest()

    def state(self) -> str:
        """Return what changes when the dependency changes."""
        return self.content

    def load(self, is_product: bool = False) -> str:
        """Return the content; tasks do not use it."""
        return self.content

    def save(self, value: object) -> None:
        """Contents are read, never saved."""


@dataclass
class Made:
    """What a stage made, or the part of it that other stages read: tables, data of figures,
    hand-overs."""

    name: str
    products: Products
    wanted: Callable[[str], bool] = lambda product: True
    attributes: dict = field(default_factory=dict)

    @property
    def signature(self) -> str:
        """Which node this is."""
        return hashlib.sha256(self.name.encode()).hexdigest()

    def state(self) -> str | None:
        """Return the hash of the files on disk, None where one is missing."""
        return self.products.state(self.wanted)

    def load(self, is_product: bool = False) -> None:
        """Tasks read the files themselves."""

    def save(self, value: object) -> None:
        """Tasks write the files themselves."""


@dataclass
class Task:
    """One stage, or one document, as pytask sees it."""

    name: str
    function: Callable[[], None]
    depends_on: dict
    produces: dict
    code: str
    markers: list = field(default_factory=list)
    report_sections: list = field(default_factory=list)
    attributes: dict = field(default_factory=dict)

    @property
    def signature(self) -> str:
        """Which task this is."""
        return hashlib.sha256(f"task {self.name}".encode()).hexdigest()

    def state(self) -> str:
        """Return the hash of the code that runs notebooks."""
        return self.code

    def execute(self, **loaded: object) -> None:
        """Run the stage."""
        self.function()
