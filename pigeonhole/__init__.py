"""Custom image classification that learns from your clicks."""
