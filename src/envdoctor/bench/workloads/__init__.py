"""Workloads: programs that measure, each in a process of its own, with nothing of envdoctor's but `telling` beside them.

They work on any Python from 3.8 on, and print one line of JSON for each figure as soon as it is known, so that what was
measured counts where the time ran out. A figure that cannot be had is told with the reason; a failure of the whole is a
traceback and a status other than 0.
"""
