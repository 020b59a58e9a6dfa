"""From pictures and annotations to models: embedding, learning, runs, answers and suggestions. The
arithmetic on arrays is in `classifier`.
"""
