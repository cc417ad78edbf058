"""scikit-learn's estimators where they are changed; imported once one is made, as scikit-learn itself is."""
