"""Kills churn-ops at named points and at random, runs it again, and checks that nothing is half done."""
