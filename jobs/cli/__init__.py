"""`ansinh` on the command line: the same code as the DAGs, for one person at a terminal.

`main.py` is the entry point, each other module a group of commands, `output.py` how answers are printed, `arguments.py`
what the commands share. What takes long to import is imported where it is used.

Exit status: 0 done (for `check`: acceptable), 1 the answer is no (rejected, failed), 2 unusable call or machine.
"""
