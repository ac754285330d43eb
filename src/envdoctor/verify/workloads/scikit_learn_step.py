# mypy: ignore-errors
"""scikit-learn: a linear regression must find the line that the data were made from."""

import json

import numpy
import sklearn
from sklearn.linear_model import LinearRegression


def main():
    """Fit, and print the version."""
    generator = numpy.random.RandomState(0)
    inputs, slopes = generator.rand(100, 3), numpy.array([1.0, -2.0, 3.0])
    found = LinearRegression().fit(inputs, inputs @ slopes).coef_
    if not numpy.allclose(found, slopes):
        raise SystemExit(f"a linear regression does not find its line: {found}")
    print(json.dumps({"device": "cpu", "detail": f"scikit-learn {sklearn.__version__}", "version": sklearn.__version__}))


main()
