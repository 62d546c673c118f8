"""The computing side of churn-ops: it never decides, it measures and stores."""
