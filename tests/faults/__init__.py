"""Random faults (killed processes, services and disks away, clocks that jump), and nothing lost.

``make faults`` starts deployments of its own, has clients write to them, causes one fault after
another in an order given by a seed, and compares at the end what is stored with what was
acknowledged. It reaches the product only as users and operators do: over HTTP, by signals, and by
its settings.
"""
