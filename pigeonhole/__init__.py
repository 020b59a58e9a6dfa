"""Custom image classification that learns from annotations."""
