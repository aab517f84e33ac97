"""A person confirms or corrects what was read out of a written report: `ansinh review`.

`rows` says what there is to review, `book` writes the workbook, `answers` reads it back, `store` keeps the
answers and gives them to the next reading of the report.
"""
