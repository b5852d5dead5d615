"""A provider that behaves as told, a key to talk to it, and backends that are closed at the end."""

from collections.abc import AsyncIterator, Iterator

import pytest

from arena import backends
from tests.kit.fake_provider import FakeProvider

KEY = "sk-secret"


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with FakeProvider() as running:
        yield running


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    return KEY


@pytest.fixture
async def closing() -> AsyncIterator[None]:
    yield
    await backends.close()
