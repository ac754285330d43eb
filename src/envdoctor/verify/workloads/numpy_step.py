# mypy: ignore-errors
"""NumPy: solving a system of equations must give back what it was made from."""

import json

import numpy


def main():
    """Solve, and print the version."""
    generator = numpy.random.RandomState(0)
    matrix, wanted = generator.rand(100, 100) + 10 * numpy.eye(100), generator.rand(100)
    if not numpy.allclose(numpy.linalg.solve(matrix, matrix @ wanted), wanted):
        raise SystemExit("numpy solves a system of equations wrongly")
    print(json.dumps({"device": "cpu", "detail": f"numpy {numpy.__version__}, 100 equations", "version": numpy.__version__}))


main()
