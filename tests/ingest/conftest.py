"""What the tests of reading share: the catalogue, the forms, and consistent values to fill them with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from ingest.core.catalogue import Catalogue, Unit, load_catalogue
from ingest.forms import load_forms
from ingest.forms.schema import Form


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The project's own catalogue."""
    return load_catalogue()


@pytest.fixture(scope="session")
def forms() -> Mapping[str, Form]:
    """The project's own forms."""
    return load_forms()


@pytest.fixture(scope="session")
def dak_mil(catalogue: Catalogue) -> Unit:
    """A district of ten communes, as it was in 2023."""
    unit = catalogue.unit_by_code("663", date(2023, 12, 31))
    assert unit is not None
    return unit
