"""Subclasses of scikit-learn's estimators, and what they need; imported only when a model makes an estimator."""
