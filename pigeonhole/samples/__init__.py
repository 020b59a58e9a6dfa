"""Samples: uploads, annotations, lists and the quiz. Training is in `training`."""
