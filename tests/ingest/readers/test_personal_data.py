"""What reads like data on a person is known, in prose as in tables."""

from __future__ import annotations

import pytest

from ingest.readers.personal_data import names_a_person


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("Ông Trần Văn Mẫu có 470 hộ", True),
        ("hỗ trợ cho bà Lê Thị Thử, thôn 3", True),
        ("số tài khoản 012345678901", True),
        ("Toàn huyện có 470 hộ nghèo, 2.439 khẩu", False),
        ("các cháu học sinh được tặng 120 suất quà", False),
    ],
)
def test_prose_that_names_a_person_is_known(text: str, is_told: bool) -> None:
    assert names_a_person(text) is is_told
