"""What a process holds open: database, storage, queue, events, fetching, encoders and models in
memory. The functions of the domain are elsewhere.
"""
