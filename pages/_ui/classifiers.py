"""The classifiers of Higgins' metric by their names for visitors; addresses keep the short ones."""

CLASSIFIER_TITLES = {
    "linear": "linear (PyTorch)",
    "mlp": "MLP",
    "logistic": "logistic (scikit-learn)",
    "forest": "random forest",
}
