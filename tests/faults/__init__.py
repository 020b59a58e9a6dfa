"""Faults at random: processes killed, services and disks away, clocks jumped, and nothing lost.

``make faults`` starts deployments of its own, lets clients write to them, makes one fault after
another by a seed, and compares at the end what was acknowledged with what is there. The product is
reached only as its users and operators reach it: over HTTP, by signals, and by its settings.
"""
