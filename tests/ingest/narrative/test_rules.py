"""Every rule of the ordered tables decides somewhere in our own reports or in a sentence below."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from ingest.core.catalogue import load_catalogue
from ingest.narrative import extract
from ingest.narrative.meaning import giver, measure, period, target_source, unit
from ingest.narrative.meaning.rules import name_of

HERE = Path(__file__).parent
TABLES = {
    "measure": measure.MEASURES,
    "target": measure.TARGETS,
    "period": period.DATINGS,
    "unit": unit.UNITS,
    "plan level": target_source.LEVELS,
    "giver": giver.GIVERS,
}
HEAD = "UBND HUYỆN VĂN CHẤN\n\nBÁO CÁO\nKết quả công tác lao động, người có công và xã hội năm 2024\n\n"
# Sentences for rules that our reports happen not to need.
SENTENCES = """\
Hộ nghèo 388 hộ (năm 2023: 431 hộ), tỷ lệ 2,91% (năm 2023: 3,27%).

Đầu năm 2024, toàn huyện có 3.021 hộ nghèo.

Đầu năm, toàn huyện có 3.021 hộ nghèo.

Tỷ lệ hộ nghèo từ 9,4% năm 2023 xuống còn 8,1%.

Phê duyệt hỗ trợ xây dựng 47 nhà ở cho hộ nghèo, kinh phí 2,8 tỷ đồng. Tổng kinh phí hỗ trợ nhà ở là 2,8 tỷ đồng.

Dự kiến hỗ trợ 28 hộ nghèo xây nhà.

Nghị quyết gồm 15 chỉ tiêu chủ yếu là: tạo việc làm mới cho 640 lao động, tỷ lệ lao động qua đào tạo đạt 77%.

Năm 2025, phấn đấu tạo việc làm cho 910 lao động. Huyện cũng đào tạo nghề cho 422 người.

Xã đặt mục tiêu giảm 1,5% hộ nghèo; đào tạo nghề cho 350 lao động.

Tỷ lệ hộ nghèo giảm 2,4% theo Nghị quyết số 15/NQ-HĐND.

Chỉ tiêu là 320 hộ nghèo và 415 hộ cận nghèo.

UBND tỉnh, theo Kế hoạch số 5/KH-UBND của UBND tỉnh, muốn mở lớp; chỉ tiêu đào tạo nghề là 500 lao động.

Xã Tú Lệ, Nậm Búng và Gia Hội không có hộ thiếu đói.

Đào tạo nghề cho 512 lao động, KH: 500.

So với cùng kỳ năm trước (431 hộ), hộ nghèo còn 388 hộ. Cùng kỳ năm 2023: 512 hộ, chiếm 3,4%.

Bình quân hằng năm giai đoạn 2021 - 2025 phấn đấu giảm 3% hộ nghèo.

Xã Tú Lệ có 1.211 hộ, trong đó: số hộ nghèo: 96 hộ, tỷ lệ 7,9%.

- Xã Tú Lệ:

+ Hộ nghèo: 96 hộ.

Hộ nghèo: Tú Lệ 96 hộ, tỷ lệ 7,9%; thị trấn Nông trường Liên Sơn 12 hộ.

| Đơn vị | Hộ nghèo năm 2023 (hộ) | Kế hoạch (hộ) |
| --- | --- | --- |
| Tú Lệ | 96 | 90 |

a) Quà của Chủ tịch nước theo Quyết định số 21/QĐ-CTN ngày 3/1/2024: chuyển kinh phí cho các xã, thị trấn để kịp thời
tặng 402 suất cho 402 người có công.

Dịp Tết, UBND xã tặng 31 suất quà trị giá 9,3 triệu đồng.

UBND tỉnh giao chỉ tiêu giảm 120 hộ nghèo; giảm 2% theo Kế hoạch của UBND huyện.

Theo Quyết định số 12/QĐ-UBND của UBND tỉnh, huyện phải đào tạo nghề; chỉ tiêu 500 lao động.
"""


GIFTS = "UBND huyện tặng 12 xe đạp, 15 suất quà cho trẻ em.\n\nDịp Tết, UBND huyện tặng 31 suất quà, 20 phần quà.\n"
PROVINCE = "UBND TỈNH YÊN BÁI\n\nBÁO CÁO\nKết quả năm 2024\n\nHộ nghèo: thành phố: 45 hộ, thị xã: 88 hộ.\n"


@lru_cache(maxsize=1)
def steps() -> frozenset[str]:
    catalogue = load_catalogue()
    texts = [path.read_text(encoding="utf-8") for path in sorted((HERE / "reports").glob("*.txt"))]
    read = (extract(text, catalogue) for text in [*texts, HEAD + SENTENCES, HEAD + GIFTS, PROVINCE])
    return frozenset(step for found in read for quantity in found.quantities for step in quantity.steps)


@pytest.mark.parametrize(
    ("about", "rule"), [(about, name_of(rule)) for about, rules in TABLES.items() for rule in rules]
)
def test_a_rule_decides_somewhere(about, rule):
    assert f"{about}: {rule}" in steps()
